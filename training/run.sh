#!/usr/bin/env bash
# Makes the built-in detector from nothing: renders scenes, trains, exports, writes public/models/.
#
#   bash training/run.sh                  about half an hour on two cores
#   bash training/run.sh --tiny FOLDER    the same way with a handful of frames, into that folder
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

frames=18000 held_out=500 epochs=7 work=.cache/training out=public/models
if [ "${1:-}" = --tiny ]; then
  work=${2:?say which folder: bash training/run.sh --tiny FOLDER}
  frames=96 held_out=16 epochs=2 out=$work/models
fi

venv=.cache/training-python
if ! "$venv/bin/python" -c 'import torch, onnxruntime.quantization, onnxconverter_common' 2>/dev/null; then
  python3 -m venv "$venv"
  "$venv/bin/pip" install --quiet -r training/requirements.txt
fi

# Seeds 0 to 17 999 are for training, those from 3 000 000 000 on for looking while it trains; the card's figures are
# measured in the browser on scenes mixed from 3 500 000 000 and a number (npm run bench -- accuracy).
npx tsx training/render.ts --out "$work/train" --count "$frames" --first 0
npx tsx training/render.ts --out "$work/held-out" --count "$held_out" --first 3000000000 --difficulty 0.5
# One thread gives the same sums in the same order, and so the same weights.
export OMP_NUM_THREADS=1
"$venv/bin/python" training/train.py --data "$work/train" --check "$work/held-out" --out "$work/weights" --epochs "$epochs"
"$venv/bin/python" training/export.py --weights "$work/weights/detector.pt" --data "$work/train" --out "$out"
npx tsx training/writeCard.ts --models "$out" --log "$work/weights/log.jsonl" --frames "$frames"
