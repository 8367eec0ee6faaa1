package artifact_test

import (
	"strings"
	"testing"
)

// An error says where: file, line and column, and what would be right.
func TestErrorsSayWhere(t *testing.T) {
	long := rocket + `layers:
  - {role: fuel, mediaType: text/plain}
facts:
  title: [annotation:a, config:/b]
variants:
  - {id: big}
`
	for name, x := range map[string]struct{ yaml, want string }{
		"unknown key":          {long + "colour: red\n", "rocket.yaml:12:1: unknown field"},
		"unknown key below":    {strings.Replace(long, "{id: big}", "{id: big, colour: red}", 1), "rocket.yaml:11:15: unknown field"},
		"a key twice":          {long + "short: r\n", "rocket.yaml:12:1: mapping key"},
		"a key twice in flow":  {strings.Replace(long, "{id: big}", "{id: big, id: small}", 1), "rocket.yaml:11:15: mapping key"},
		"mapping for words":    {strings.Replace(long, "text/plain", "{a: b}", 1), "rocket.yaml:7:29: "},
		"no words":             {strings.Replace(long, "text/plain", "[]", 1), "none of them empty"},
		"an empty word":        {strings.Replace(long, "text/plain", "''", 1), "none of them empty"},
		"text for a number":    {long + "priority: high\n", "rocket.yaml:12:11: "},
		"list for a word":      {long + "notes: [a]\n", "rocket.yaml:12:8: "},
		"no mapping":           {"- a\n", "rocket.yaml:1:1: "},
		"an empty file":        {"", "rocket.yaml:1:1: "},
		"a tab":                {long + "\tnotes: x\n", "rocket.yaml:"},
		"bad template":         {long + "actions:\n  - {id: a, label: A, command: 'fly {ref'}\n", "rocket.yaml:13:5: action \"a\": a { is not closed"},
		"bad variable":         {long + "actions:\n  - {id: a, label: A, command: fly}\n  - {id: b, label: B, command: 'fly {moon}'}\n", "rocket.yaml:14:5: action \"b\": {moon} is no variable"},
		"bad variant action":   {strings.Replace(long, "{id: big}", "{id: big, actions: [{id: a, label: A, command: 'fly {moon}'}]}", 1), "rocket.yaml:11:25: "},
		"bad role":             {long + "actions: [{id: a, label: A, command: 'fly {layer:wing}'}]\n", "rocket.yaml:12:11: action \"a\": {layer:wing}: the entry has no layer"},
		"bad role in when":     {long + "actions: [{id: a, label: A, when: 'role:wing', command: fly}]\n", "rocket.yaml:12:11: "},
		"bad fact in template": {long + "actions: [{id: a, label: A, command: 'fly {fact:version}'}]\n", "states no such fact"},
		"argument of a tag":    {long + "actions: [{id: a, label: A, command: 'fly {tag:x}'}]\n", "takes nothing after a colon"},
		"flag without a flag":  {long + "actions: [{id: a, label: A, command: 'fly {plainHTTP}'}]\n", "after the colon"},
		"value as a program":   {long + "actions: [{id: a, label: A, command: '{name} fly'}]\n", "name of a program"},
		"program after a pipe": {long + "actions: [{id: a, label: A, command: 'fly | {name}'}]\n", "name of a program"},
		"variable set":         {long + "actions: [{id: a, label: A, command: 'PATH=. fly'}]\n", "name of a program"},
		"ends in a pipe":       {long + "actions: [{id: a, label: A, command: 'fly |'}]\n", "name of a program"},
		"command and link":     {long + "actions: [{id: a, label: A, command: fly, link: 'https://x/'}]\n", "one of them"},
		"bad kind":             {long + "actions: [{id: a, label: A, command: fly, kind: misuse}]\n", "use or publish"},
		"link to http":         {long + "actions: [{id: a, label: A, link: 'http://x.example/'}]\n", "rocket.yaml:12:11: action \"a\": link"},
		"link to a script":     {long + "actions: [{id: a, label: A, link: 'javascript:alert(1)'}]\n", "want https"},
		"link with user":       {long + "actions: [{id: a, label: A, link: 'https://acme.example@evil.example/'}]\n", "want https"},
		"link with a tail":     {long + "actions: [{id: a, label: A, link: 'https://acme.example{name}/'}]\n", "want https"},
		"link with quotes":     {long + "actions: [{id: a, label: A, link: 'https://acme.example/\">'}]\n", "what no URL does"},
		"bad pointer in fact":  {strings.Replace(long, "config:/b", "config:b", 1), "rocket.yaml:9:25: fact title: \"b\" is no JSON pointer"},
		"bad source":           {strings.Replace(long, "annotation:a", "tag:a", 1), "rocket.yaml:9:11: fact title: \"tag:a\" is no source"},
		"bad place":            {long + "place: moon\n", "rocket.yaml:12:8: place \"moon\""},
		"bad home":             {long + "home: http://x\n", "rocket.yaml:12:7: "},
		"bad tool":             {long + "tools:\n  - {title: x, installer: 'javascript:x'}\n", "rocket.yaml:13:5: "},
		"bad tag pattern":      {long + "attach: ['v*']\n", "rocket.yaml:12:10: "},
		"two digests in a tag": {long + "attach: ['{digest}{digest}']\n", "rocket.yaml:12:10: "},
		"unknown variant":      {strings.Replace(long, "rocket.v1\n", "rocket.v1\n    variant: small\n", 1), "rocket.yaml:6:14: variant"},
		"variant twice":        {strings.Replace(long, "{id: big}", "{id: big}\n  - {id: big}", 1), "rocket.yaml:12:5: variant \"big\" stands there twice"},
		"generic rule":         {strings.Replace(long, "rocket.v1\n", "rocket.v1\n  - config: "+imageConfig+"\n", 1), "rocket.yaml:6:5: the rule names nothing of its own"},
		"any annotation":       {strings.Replace(long, "rocket.v1\n", "rocket.v1\n  - annotations: {'*': '*'}\n", 1), "nothing of its own"},
		"absent annotation":    {strings.Replace(long, "rocket.v1\n", "rocket.v1\n  - annotations: {a: none}\n", 1), "nothing of its own"},
		"index of images":      {strings.Replace(long, "rocket.v1\n", "rocket.v1\n  - entries: {all: {mediaType: "+imageManifest+", platform: linux/amd64}}\n", 1), "nothing of its own"},
		"pattern in exactly":   {strings.Replace(long, "rocket.v1\n", "rocket.v1\n    layers: {exactly: 'text/*'}\n", 1), "whole media types"},
		"generic":              {long + "generic: [a/b]\n", "rocket.yaml:12:"},
		"fallback":             {long + "fallback: true\n", "rocket.yaml:12:11: "},
		"bad role of a layer":  {strings.Replace(long, "role: fuel, ", "", 1), "rocket.yaml:7:5: a layer has a role"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := load(map[string]string{"rocket.yaml": x.yaml, "rocket.svg": goodIcon})
			if err == nil || !strings.Contains(err.Error(), x.want) {
				t.Errorf("error = %v\nwant %s", err, x.want)
			}
		})
	}
	if _, err := load(map[string]string{"rocket.yaml": long, "rocket.svg": goodIcon}); err != nil {
		t.Errorf("the entry without a fault: %v", err)
	}
	for _, name := range []string{"rocket.yml", "rocket.YAML"} {
		if _, err := load(map[string]string{name: rocket}); err == nil || !strings.Contains(err.Error(), name+":1:1: ") {
			t.Errorf("%s: error = %v", name, err)
		}
	}
	if _, err := load(map[string]string{".rocket.yaml": "}", "notes.txt": "x"}); err != nil {
		t.Errorf("an editor's file: %v", err)
	}
}
