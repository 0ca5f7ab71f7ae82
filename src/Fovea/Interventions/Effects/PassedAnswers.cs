using Fovea.Models;
using static TorchSharp.torch;

namespace Fovea.Interventions.Effects;

/// <summary>Answers after changes by passes of what follows the layer, some changes of some images at a time.</summary>
/// <param name="units">The units.</param>
/// <param name="passSize">Changed outputs a pass.</param>
internal class PassedAnswers(EffectUnits units, int passSize) : ChangedAnswers(units, passSize)
{
    private protected override void Run(
        EffectPlan.Piece piece, IReadOnlyList<EffectPair> pairs, Tensor delta, int first, Tensor rows, Tensor output,
        LayerTail.Pass pass, Tensor own, IEffectObserver observer, CancellationToken cancellation)
    {
        // Position last, so that a unit's map of an image is one row.
        Tensor maps = piece.Singles ? delta.transpose(1, 2).reshape(-1, delta.shape[1]) : delta;
        for (int start = 0; start < pairs.Count; start += PassSize)
        {
            cancellation.ThrowIfCancellationRequested();
            using var scope = NewDisposeScope();
            EffectPair[] some = [.. pairs.Skip(start).Take(PassSize)];
            Tensor places = Index(some.Select(pair => pair.Place), output.device), change;
            if (piece.Singles)
            {
                int[] member = [.. some.Select(pair => piece.Sets[pair.Set - piece.First][0])];
                Tensor map = maps.index_select(
                    0, Index(some.Select((pair, i) => (pair.Place - first) * piece.Units.Length + member[i]), output.device));
                change = rows.index_select(0, Index(member, output.device)).unsqueeze(2) * map.unsqueeze(1);
            }
            else
            {
                change = stack(some.Select(pair =>
                {
                    int[] members = piece.Sets[pair.Set - piece.First];
                    Tensor index = Index(members, output.device), own = maps[pair.Place - first];
                    return rows.index_select(0, index).t().matmul(own.index_select(1, index).t());
                }).ToArray());
            }
            Tensor before = output.index_select(0, places);
            Tensor changed = before + change.to(output.dtype).reshape(before.shape);
            observer.Changed(some, Answers(pass, changed, before, places));
        }
    }

    /// <summary>The answers after changed outputs, <c>[P, outputs]</c>.</summary>
    /// <param name="pass">The batch's pass.</param>
    /// <param name="changed">Outputs of the layer.</param>
    /// <param name="before">The same without a change.</param>
    /// <param name="places">Which image of the batch each stands for.</param>
    private protected virtual Tensor Answers(LayerTail.Pass pass, Tensor changed, Tensor before, Tensor places) =>
        pass.With(changed, places).flatten(1);
}
