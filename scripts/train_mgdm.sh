#!/usr/bin/env bash
# Trains MGDM from nothing: houses, views, encoder, episodes, decision, DAgger, long-term memory.
# bash scripts/train_mgdm.sh [FOLDER=runs/mgdm] [SEED=0]; the same command goes on where it stopped.
set -euo pipefail
cd "$(dirname "$0")/.."
export OMP_NUM_THREADS=${OMP_NUM_THREADS:-1}
R=${1:-runs/mgdm} SEED=${2:-0}
[[ $SEED =~ ^[0-9]+$ ]] || { echo "error: SEED=$SEED must be a whole number" >&2 && exit 2; }
mkdir -p "$R"
ROUNDS="0.65"  # the learner's share of the steps (1 - beta) in each round after the rule's, of 0.5
PY=.venv/bin/python
OBSERVATIONS="[rgb_left,rgb_front,rgb_right,depth_left,depth_front,depth_right,pose,step]"
ENV="env=lhvln env.size=128 env.approach=0.4 env.observations=$OBSERVATIONS"
ENCODER=$R/encoder/best.safetensors

houses() { [ -f "$1/dataset.json" ] || $PY scripts/generate.py out="$1" "${@:2}"; }
record() { $PY scripts/record.py $ENV out="$1" "${@:2}"; }
features() {
    local out=$R/features-$1
    [ -f "$out/arrays.json" ] || {
        rm -rf "$out"
        $PY -m longhaul.policies.mgdm.learning.feature_dataset "$ENCODER" "$R/$1" "$out"
    }
    DATA=${DATA:+$DATA,}$out
}
train_decision() {
    $PY scripts/train.py policy=mgdm policy.encoder="$ENCODER" seed="$SEED" policy.seed="$SEED" \
        data.path="[$DATA]" run_dir="$1" "${@:2}"
    NET=$1/best.safetensors
}

houses "$R/houses" houses=200 tasks=600 seed=0
houses "$R/more" houses=90 tasks=360 seed=7 shortest=5 hidden=true
[ -f "$R/views/arrays.json" ] || $PY -m longhaul.navgen.views "$R/houses" "$R/views" --places 130
$PY scripts/train.py policy=mgdm_encoder data.path="$R/views" run_dir="$R/encoder" \
    seed="$SEED" policy.seed="$SEED"

STRAYING="policy=straying_expert"
record "$R/demos" $STRAYING env.dataset="$R/houses" episodes=304
record "$R/demos7" $STRAYING env.dataset="$R/more" episodes=110
record "$R/steps7" $STRAYING env.dataset="$R/more" episodes=100 env.kind=step
record "$R/turns0" policy=mgdm_dagger policy.learner.decision=rule policy.share=0.5 policy.hold=25 \
    checkpoint="$ENCODER" env.dataset="$R/houses" episodes=91
for recorded in demos demos7 steps7 turns0; do features $recorded; done
train_decision "$R/round0" optimization.steps=900

round=0
for share in $ROUNDS; do
    round=$((round + 1))
    record "$R/turns$round" policy=mgdm_dagger policy.share="$share" checkpoint="$NET" \
        env.dataset="$R/more" episodes=90
    features "turns$round"
    train_decision "$R/round$round" policy.pretrained="$NET" optimization.steps=500 optimization.lr=1e-3
done
$PY -m longhaul.policies.mgdm.learning.build_long_term "$NET" ${DATA//,/ } --mib 4
echo "evaluate: $PY scripts/rollout.py policy=mgdm env=lhvln env.dataset=builtin:unseen checkpoint=$NET"
