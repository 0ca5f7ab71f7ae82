using Fovea.Models;
using static TorchSharp.torch;

namespace Fovea.Interventions.Effects;

/// <summary>No changes are made: predictions alone.</summary>
/// <param name="units">The units.</param>
internal sealed class NoAnswers(EffectUnits units) : ChangedAnswers(units, int.MaxValue)
{
    private protected override void Run(
        EffectPlan.Piece piece, IReadOnlyList<EffectPair> pairs, Tensor delta, int first, Tensor rows, Tensor output,
        LayerTail.Pass pass, Tensor own, IEffectObserver observer, CancellationToken cancellation) =>
        observer.Changed(pairs, own.narrow(0, 0, 0));
}
