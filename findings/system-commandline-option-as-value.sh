#!/usr/bin/env bash
# System.CommandLine 3.0.0 (28 November 2026): where an option lacks its value, the next option becomes it, without an error: "--out --json" gives out = "--json" and no json. One would
# have guessed "Required argument missing for option: '--out'", since --json is an option of the same command; that error comes only at the end of the line. What to do: a validator that
# refuses values which are names of options.
. "$(dirname "$0")/common.sh"
program "System.CommandLine 3.0.0" <<'C'
using System.CommandLine;
var root = new RootCommand();
Option<string?> output = new("--out");
Option<bool> json = new("--json");
root.Add(output);
root.Add(json);
foreach (string[] line in new[] { ["--json", "--out", "x"], new[] { "--out", "--json" }, ["--json", "--out"] })
{
    ParseResult parse = root.Parse(line);
    Console.WriteLine($"{string.Join(' ', line)}: {parse.Errors.Count} errors{(parse.Errors.Count > 0 ? "" : $", out = {parse.GetValue(output)}, json = {parse.GetValue(json)}")}");
}
C
still '--json --out x: 0 errors, out = x, json = True
--out --json: 0 errors, out = --json, json = False
--json --out: 1 errors'
