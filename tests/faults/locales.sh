#!/usr/bin/env bash
# The demo and single commands under languages with other calendars, decimal signs, minus signs and letters, which .NET really takes up
# (DOTNET_SYSTEM_GLOBALIZATION_INVARIANT=0 and libicu; the program itself is built for the invariant culture alone): all bytes and all that
# is printed must be those of the C locale.      tests/faults/locales.sh [LOCALE …]      FOVEA=path of the program
. "$(dirname "$0")/common.sh"
locales=("$@")
[ $# -gt 0 ] || locales=(th_TH de_DE tr_TR ar_SA sv_SE)
# Clocks, rates and durations differ from run to run; everything else may not.
said() { sed -E 's/[0-9.]+ (s|ms|min)\b/T/g; s/"(seconds|minutes)": [0-9.e-]+/"\1": T/g; s/^time .*/time T/'; }
commands() { # commands FOLDER: what is printed and written
  local run=$1/run layer=block4
  demo "$run" --set train.learning_rate=0.05 --json 2>"$1/error" | said >"$1/out.json" || cat "$1/error"
  python3 -m json.tool "$1/out.json" >/dev/null 2>&1 || sed 's/: T/: 0/' "$1/out.json" | python3 -m json.tool >/dev/null || bad "no JSON in $LC_ALL"
  "$fovea" status "$run" | said
  "$fovea" table "$run/features/$layer/neurons/features.parquet" --csv "$1/table.csv"
  "$fovea" layers "$run" --csv "$1/layers.csv" --out "$1/layers.json"
  "$fovea" intervene --run "$run" --layer $layer --units 1,2 --images 8 --csv "$1/effects.csv" --quiet
  "$fovea" cam --run "$run" --layer $layer --images 4 --out "$1/cams" --quiet
  "$fovea" sae eval --run "$run" --quiet
  "$fovea" sae compare --run "$run" topk l1 --quiet
  "$fovea" slurm "$here/../../recipes/demo.toml" --out "$1/other" --set train.learning_rate=0.25 --json
  "$fovea" run "$here/../../recipes/demo.toml" --out "$1/other" --set train.learning_rate=0,25 --dry-run
  "$fovea" status "$run" --json --bad 1,5
  "$fovea" harvest --run "$run" --part 1/2 --lease 2.5 --quiet --lease x
  "$fovea" model export --run "$run" --out "$1/net.onnx" --quiet
  "$fovea" weights inspect "$run/model/weights.safetensors" | tail -3
  "$fovea" doctor --json | grep -c '"name"'
} 
once() { # once LOCALE: everything in one place, kept under the locale's name
  export LC_ALL=$1 LANG=$1 DOTNET_SYSTEM_GLOBALIZATION_INVARIANT=0
  mkdir "$disk/at"
  commands "$disk/at" 2>&1 | said >"$disk/said"
  mv "$disk/said" "$disk/at"
  mv "$disk/at" "$disk/$1"
  unset LC_ALL LANG DOTNET_SYSTEM_GLOBALIZATION_INVARIANT
}
mount -t tmpfs -o size=2g none "$disk"
once C.UTF-8
cat "$disk/C.UTF-8/said"
sums "$disk/C.UTF-8" >"$work/expected"
for locale in "${locales[@]}"; do
  locale -a | grep -qi "^$locale\.utf-\?8" || { echo "$locale: not installed (localedef -i $locale -f UTF-8 $locale.UTF-8)"; continue; }
  once "$locale.UTF-8"
  sums "$disk/$locale.UTF-8" | diff "$work/expected" - >"$work/difference" || bad "$locale: $(cat "$work/difference")
$(diff "$disk/C.UTF-8/said" "$disk/$locale.UTF-8/said")"
  year=$(grep -o '"started": "[0-9]*' "$disk/$locale.UTF-8/run/run.json" | head -1)
  [ "$year" = "\"started\": \"$(LC_ALL=C date -u +%Y)" ] || bad "$locale: the year is $year"
  cut -c1-4 "$disk/$locale.UTF-8/run/log.txt" | sort -u | grep -qx "$(LC_ALL=C date -u +%Y)" || bad "$locale: years of log.txt: $(cut -c1-4 "$disk/$locale.UTF-8/run/log.txt" | sort -u)"
  rm -rf "$disk/$locale.UTF-8"
done
finish "locales: ${locales[*]}, $(wc -l <"$work/expected") files compared"
