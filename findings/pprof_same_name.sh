#!/usr/bin/env bash
# Guess: a profile (profile.proto) has functions with ids, names, system names and files of their own, so `go tool pprof -top` has a row
# for each function: two `reset`, of net/buf.c and disk/buf.c, are two rows, at least if their system names differ.
#
# Found: it adds them up in one row.  Nodes are keyed by what is shown at the chosen granularity, and that of functions is the name alone; the
# system name is no part of it.  `-filefunctions` keeps them apart, and says which file.
#
# go 1.26.4 (go tool pprof), github.com/google/pprof v0.0.0-20250403155104-27863c87afa6 to write the profile; 2026-11-30.
set -euo pipefail
folder=$(mktemp -d)
trap 'chmod -R u+w "$folder"; rm -rf "$folder"' EXIT
cd "$folder"
export GOTOOLCHAIN=go1.26.4 GOPATH=$folder/go GOFLAGS=-mod=mod GOCACHE=$folder/cache GOWORK=off
cat >go.mod <<'EOF'
module profile

go 1.24
EOF
cat >main.go <<'EOF'
package main

import (
	"os"

	"github.com/google/pprof/profile"
)

func main() {
	m := &profile.Mapping{ID: 1, Limit: 1 << 20, File: "program"}
	a := &profile.Function{ID: 1, Name: "reset", SystemName: "net_reset", Filename: "net/buf.c"}
	b := &profile.Function{ID: 2, Name: "reset", SystemName: "disk_reset", Filename: "disk/buf.c"}
	la := &profile.Location{ID: 1, Mapping: m, Address: 16, Line: []profile.Line{{Function: a, Line: 3}}}
	lb := &profile.Location{ID: 2, Mapping: m, Address: 32, Line: []profile.Line{{Function: b, Line: 9}}}
	p := &profile.Profile{
		SampleType: []*profile.ValueType{{Type: "bytes", Unit: "bytes"}},
		Sample: []*profile.Sample{{Location: []*profile.Location{la}, Value: []int64{100}},
			{Location: []*profile.Location{lb}, Value: []int64{23}}},
		Mapping: []*profile.Mapping{m}, Location: []*profile.Location{la, lb}, Function: []*profile.Function{a, b},
	}
	if err := p.CheckValid(); err != nil {
		panic(err)
	}
	if err := p.Write(os.Stdout); err != nil {
		panic(err)
	}
}
EOF
go get github.com/google/pprof@v0.0.0-20250403155104-27863c87afa6
go run . >profile.pb.gz
go tool pprof -top profile.pb.gz >functions 2>messages
go tool pprof -top -filefunctions profile.pb.gz >files 2>>messages
cat functions files
if [ "$(grep -c ' reset$' functions)" = 1 ] && grep -q '^ *123B .* reset$' functions &&
    grep -q '^ *100B .* reset net/buf.c$' files && grep -q '^ *23B .* reset disk/buf.c$' files; then
    echo "as found"
else
    echo "not as found"
    exit 1
fi
