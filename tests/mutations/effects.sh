#!/usr/bin/env bash
# Breaks the measuring of effects in five ways, one after the other, in a copy of what is committed, and lists the tests that go red: each
# must.
#   tests/mutations/effects.sh [FOLDER FOR THE COPY]        some minutes; ends with 1 where a fault stays unseen
tests=tests/Fovea.Tests
source "$(dirname "$0")/mutation.sh"

mutation "before a pooled head a change is added up over positions, not averaged" src/Fovea/Interventions/Effects/PooledAnswers.cs \
  's/delta.mean(\[1L\])/delta.sum([1L])/' '*.EffectKnownAnswerTests'

mutation "curves of what is kept leave out the first units, not the rest" src/Fovea/Interventions/Effects/EffectCurves.cs \
  's/images1.Judged, m => order\[m..\], keep/images1.Judged, m => order[..m], keep/' '*.EffectCurvesTests'

mutation "erasure forgets to whiten what it reads" src/Fovea/Interpretation/Shortcuts/LinearErasure.cs \
  's/seen \/ root, zeros_like(seen)/seen, zeros_like(seen)/' '*.LinearErasureTests'

mutation "where an edge is cut all later nodes change" src/Fovea/Interventions/Circuits/CircuitBatch.cs \
  's/return At(_laterRows + change);/return At(CircuitSide.Rows(later));/' '*.CircuitKnownAnswerTests'

mutation "a circuit's later nodes keep the values that they had with everything there" src/Fovea/Interventions/Circuits/CircuitBatch.cs \
  's/At(_to.Base + _to.Terms(toNodes, values, error))/At(_to.Base + _to.Terms(toNodes, _laterValues, _laterError))/' '*.CircuitFindingsTests'

[ $unseen -eq 0 ] && echo "all five were seen"
exit $unseen
