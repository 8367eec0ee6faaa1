package cli

import (
	"io"
	"net/url"
	"path/filepath"
	"strings"

	"github.com/argosy-registry/argosy/artifact"
	"github.com/argosy-registry/argosy/internal/lint"
)

// What follows is SARIF 2.1.0 as far as a linter needs it
// (https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html).

type sarifLog struct {
	Schema  string     `json:"$schema"`
	Version string     `json:"version"`
	Runs    []sarifRun `json:"runs"`
}

type sarifRun struct {
	Tool       sarifTool     `json:"tool"`
	ColumnKind string        `json:"columnKind"`
	Results    []sarifResult `json:"results"`
}

type sarifTool struct {
	Driver sarifDriver `json:"driver"`
}

type sarifDriver struct {
	Name           string      `json:"name"`
	Version        string      `json:"version,omitempty"`
	InformationURI string      `json:"informationUri"`
	Rules          []sarifRule `json:"rules"`
}

type sarifRule struct {
	ID                   string     `json:"id"`
	ShortDescription     sarifText  `json:"shortDescription"`
	Help                 sarifText  `json:"help"`
	HelpURI              string     `json:"helpUri,omitempty"`
	DefaultConfiguration sarifLevel `json:"defaultConfiguration"`
}

type sarifText struct {
	Text string `json:"text"`
}

type sarifLevel struct {
	Level artifact.Severity `json:"level"`
}

type sarifResult struct {
	RuleID    string            `json:"ruleId"`
	RuleIndex int               `json:"ruleIndex"`
	Level     artifact.Severity `json:"level"`
	Message   sarifText         `json:"message"`
	Locations []sarifLocation   `json:"locations"`
}

type sarifLocation struct {
	Physical *sarifPhysical `json:"physicalLocation,omitempty"`
	Logical  []sarifLogical `json:"logicalLocations"`
}

type sarifPhysical struct {
	Artifact sarifArtifact `json:"artifactLocation"`
	Region   sarifRegion   `json:"region"`
}

type sarifArtifact struct {
	URI string `json:"uri"`
}

type sarifRegion struct {
	StartLine   int `json:"startLine"`
	StartColumn int `json:"startColumn"`
}

type sarifLogical struct {
	FullyQualifiedName string `json:"fullyQualifiedName"`
	Kind               string `json:"kind"`
}

const (
	sarifSchema  = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
	lintDocs     = "https://github.com/argosy-registry/argosy/blob/main/docs/lint.md"
	lintProgram  = "argosy lint"
	sarifVersion = "2.1.0"
)

// writeSARIF writes findings as one run, for what shows the findings of linters.
func writeSARIF(out io.Writer, all []linted) error {
	rules := sarifRules{at: map[string]int{}}
	for _, r := range lint.Rules {
		rules.add(sarifRule{r.ID, sarifText{r.About}, sarifText{r.Mend}, r.Link, sarifLevel{r.Severity}})
	}
	results := []sarifResult{}
	for _, m := range all {
		for _, f := range m.Findings {
			results = append(results, sarifResult{
				RuleID: f.Rule, RuleIndex: rules.of(f), Level: f.Severity,
				Message: sarifText{f.Why + " " + f.Mend}, Locations: []sarifLocation{m.location(f)},
			})
		}
	}
	driver := sarifDriver{Name: lintProgram, Version: version, InformationURI: lintDocs, Rules: rules.list}
	return printJSON(out, sarifLog{sarifSchema, sarifVersion, []sarifRun{{sarifTool{driver}, "unicodeCodePoints", results}}})
}

// sarifRules are the rules of a run, those of entries after those in code.
type sarifRules struct {
	list []sarifRule
	at   map[string]int
}

func (r *sarifRules) add(rule sarifRule) {
	r.at[rule.ID] = len(r.list)
	r.list = append(r.list, rule)
}

// of is the index of a finding's rule.
func (r *sarifRules) of(f lint.Finding) int {
	if _, known := r.at[f.Rule]; !known {
		r.add(sarifRule{f.Rule, sarifText{f.Why}, sarifText{f.Mend}, f.Link, sarifLevel{f.Severity}})
	}
	return r.at[f.Rule]
}

// location is where a finding is: in a file with line and column, else in a document
// of a registry by name.
func (m *linted) location(f lint.Finding) sarifLocation {
	at := sarifLocation{Logical: []sarifLogical{{m.Name + " " + string(f.In) + "#" + f.Place, "member"}}}
	if file := m.files[f.In]; file != "" {
		at.Physical = &sarifPhysical{sarifArtifact{fileURI(file)}, sarifRegion{max(f.Line, 1), max(f.Column, 1)}}
	}
	return at
}

// fileURI is a file's name as a URI: relative when the name is.
func fileURI(name string) string {
	u := url.URL{Path: filepath.ToSlash(name)}
	if filepath.IsAbs(name) {
		u.Scheme = "file"
		if !strings.HasPrefix(u.Path, "/") {
			u.Path = "/" + u.Path // a drive
		}
	}
	return u.String()
}
