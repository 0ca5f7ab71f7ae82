using Fovea.Models;
using Fovea.Numerics;
using static TorchSharp.torch;

namespace Fovea.Interventions.Effects;

/// <summary>
/// Answers after changes before average pooling and a linear head W: with Δ̄ the change's mean over positions and D the units' directions,
/// <code>logits′ = logits + Σᵢ Δ̄ᵢ (D W ᵀ)ᵢ</code>
/// </summary>
/// <param name="units">The units.</param>
/// <param name="head">The head.</param>
internal sealed class PooledAnswers(EffectUnits units, PooledHead head) : ChangedAnswers(units, int.MaxValue)
{
    /// <summary>Numbers of a block of answers: 16 MB.</summary>
    private const int MostNumbers = 1 << 22;

    private protected override void Run(
        EffectPlan.Piece piece, IReadOnlyList<EffectPair> pairs, Tensor delta, int first, Tensor rows, Tensor output,
        LayerTail.Pass pass, Tensor own, IEffectObserver observer, CancellationToken cancellation)
    {
        FastPaths.Ran(FastPath.PooledAblation);
        Tensor means = delta.mean([1L]);
        Tensor effects = rows.to(own.dtype).matmul(head.Weight.t());
        int together = Math.Max(1, MostNumbers / Math.Max((int)own.shape[1], piece.Singles ? 1 : piece.Units.Length));
        for (int start = 0; start < pairs.Count; start += together)
        {
            cancellation.ThrowIfCancellationRequested();
            using var scope = NewDisposeScope();
            EffectPair[] some = [.. pairs.Skip(start).Take(together)];
            Tensor places = Index(some.Select(pair => pair.Place), own.device);
            Tensor change;
            if (piece.Singles)
            {
                int[] member = [.. some.Select(pair => piece.Sets[pair.Set - piece.First][0])];
                Tensor each = means.flatten().index_select(
                    0, Index(some.Select((pair, i) => (pair.Place - first) * piece.Units.Length + member[i]), own.device));
                change = effects.index_select(0, Index(member, own.device)).mul_(each.to(own.dtype).unsqueeze(1));
            }
            else
            {
                var members = new float[some.Length * piece.Units.Length];
                for (int i = 0; i < some.Length; i++)
                    foreach (int unit in piece.Sets[some[i].Set - piece.First]) members[i * piece.Units.Length + unit] = 1;
                change = (means.index_select(0, places - first) * tensor(members, [some.Length, piece.Units.Length], device: own.device))
                    .to(own.dtype).matmul(effects);
            }
            observer.Changed(some, change.add_(own.index_select(0, places)));
        }
    }
}
