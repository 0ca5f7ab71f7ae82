using Fovea.Models;
using static TorchSharp.torch;

namespace Fovea.Interventions.Effects;

/// <summary>Answers after changes where operations behind the layer are held to what they do on the unchanged image.</summary>
/// <param name="units">The units.</param>
/// <param name="tail">Passes in two halves (<see cref="HeldOperations"/>).</param>
internal sealed class HeldAnswers(EffectUnits units, LayerTail tail) : PassedAnswers(units, Together)
{
    /// <summary>
    /// Changed outputs a pass, always as many: a number that no axis but the images' is likely to be a multiple of twice of.
    /// </summary>
    private const int Together = 31;

    private protected override Tensor Answers(LayerTail.Pass pass, Tensor changed, Tensor before, Tensor places)
    {
        int count = (int)changed.shape[0];
        if (count < Together)
        {
            Tensor all = Index(Enumerable.Range(0, Together).Select(i => Math.Min(i, count - 1)), changed.device);
            (changed, before, places) = (changed.index_select(0, all), before.index_select(0, all), places.index_select(0, all));
        }
        return tail.Of(pass.Result).With(cat([changed, before]), cat([places, places])).flatten(1).narrow(0, 0, count);
    }
}
