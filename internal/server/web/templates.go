package web

import (
	"html/template"
	"strings"
)

// templates are the pages by name, each with the layout around it.
var templates = map[string]*template.Template{
	"home":  parse("home"),
	"error": parse("error"),
}

func parse(name string) *template.Template {
	return template.Must(template.New(name).Funcs(template.FuncMap{
		"asset": assetURL,
		"words": func(command string) []string { return strings.Split(command, " ") }, // lines break between them
	}).
		ParseFS(files, "pages/layout.tmpl", "pages/"+name+".tmpl"))
}
