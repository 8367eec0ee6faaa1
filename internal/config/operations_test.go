package config_test

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/argosy-registry/argosy/internal/config"
)

// docs/operations.md holds the table of settings as the program has them.
// UPDATE=1 writes it.
func TestOperationsHoldsTheSettings(t *testing.T) {
	const path, begin, end = "../../docs/operations.md", "<!-- settings: written from internal/config by its test -->\n", "<!-- /settings -->"
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, ok := strings.Cut(string(text), begin)
	_, after, ok2 := strings.Cut(rest, end)
	if !ok || !ok2 {
		t.Fatalf("%s has no place for the settings", path)
	}
	var b strings.Builder
	b.WriteString("| key and flag | environment | default | what it is |\n| --- | --- | --- | --- |\n")
	for _, k := range config.Keys {
		fmt.Fprintf(&b, "| `%s` | `%s` | %s | %s |\n", k.Name, k.Env(), code(k.Default), k.Help)
	}
	want := before + begin + b.String() + end + after
	if os.Getenv("UPDATE") != "" {
		if err := os.WriteFile(path, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if string(text) != want {
		t.Errorf("%s is not what the program has: run UPDATE=1 go test ./internal/config", path)
	}
}

func code(s string) string {
	if s == "" {
		return ""
	}
	return "`" + s + "`"
}
