#!/usr/bin/env bash
# Makes wavesurfer.js, the one file that the waveform player is drawn with. Needs node and npm.
set -euo pipefail
WAVESURFER=7.12.12
ESBUILD=0.28.2
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm pack --silent "wavesurfer.js@$WAVESURFER" >/dev/null
tar xzf "wavesurfer.js-$WAVESURFER.tgz"
cat >entry.js <<'ENTRY'
export { default as WaveSurfer } from "./package/dist/wavesurfer.js"
export { default as Regions } from "./package/dist/plugins/regions.js"
export { default as Timeline } from "./package/dist/plugins/timeline.js"
ENTRY
npx --yes "esbuild@$ESBUILD" entry.js --bundle --minify --format=iife --target=es2020 \
    --global-name=wavesurfer --log-level=warning --outfile=bundle.js \
    --banner:js="/*! wavesurfer.js $WAVESURFER, BSD 3-Clause, see LICENSE.wavesurfer */"
cp bundle.js "$here/wavesurfer.js"
cp package/LICENSE "$here/LICENSE.wavesurfer"
