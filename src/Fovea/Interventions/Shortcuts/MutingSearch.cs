using Fovea.Interpretation;
using Fovea.Models;
using static TorchSharp.torch;

namespace Fovea.Interventions.Shortcuts;

/// <summary>
/// Units chosen one by one by what changing them does on the images to choose on: each is the one that raises the mean of the groups most
/// beside those before it, until none does. Behind a pooled linear head W every trial follows by algebra: with f̄ᵢ becoming v the logits
/// change by (v − f̄ᵢ) W dᵢ.
/// </summary>
internal static class MutingSearch
{
    /// <summary>Units that are tried: those with the largest effects, of either sign.</summary>
    private const int Tried = 64;

    /// <summary>The units, in the order in which they were chosen; none where none helps.</summary>
    /// <param name="head">The head behind the layer.</param>
    /// <param name="readings">The images to choose on.</param>
    /// <param name="units">The units on them.</param>
    /// <param name="effects">What they add to logits.</param>
    /// <param name="ranked">Their effects on the class.</param>
    /// <param name="values">What a unit becomes.</param>
    /// <param name="judge">How good the classes said of the images are.</param>
    /// <param name="most">As many at most.</param>
    /// <param name="cancellation">Looked at before every choice.</param>
    public static int[] Of(
        PooledHead head, ImageReadings readings, UnitReadings units, LogitEffects effects, IReadOnlyList<RankedShortcut> ranked,
        Func<int, double> values, Func<int[], double> judge, int most, CancellationToken cancellation)
    {
        float[] logits = Logits(head, readings);
        int outputs = effects.Classes, images = readings.Images.Count;
        var tried = ranked.OrderByDescending(one => Math.Abs(one.Unit.Effect.Value)).ThenBy(one => one.Unit.Unit).Take(Tried)
            .Select(one => one.Unit.Unit).Select(unit => (Unit: unit,
                Shift: units.Means(unit).Select(mean => (float)(values(unit) - mean)).ToArray(),
                Weights: Enumerable.Range(0, outputs).Select(c => effects.Weight(unit, c)).ToArray())).ToList();
        List<int> chosen = [];
        double best = judge(Said(logits, null, null));
        while (chosen.Count < most && tried.Count > 0)
        {
            cancellation.ThrowIfCancellationRequested();
            var scores = tried.Select(one => judge(Said(logits, one.Shift, one.Weights))).ToArray();
            int first = Array.IndexOf(scores, scores.Max());
            if (!(scores[first] > best)) break;
            best = scores[first];
            var (unit, shift, weights) = tried[first];
            chosen.Add(unit);
            tried.RemoveAt(first);
            for (int n = 0; n < images; n++)
                for (int c = 0; c < outputs; c++) logits[n * outputs + c] += shift[n] * weights[c];
        }
        return [.. chosen];

        int[] Said(float[] own, float[]? shift, float[]? weights)
        {
            var said = new int[images];
            for (int n = 0; n < images; n++)
            {
                float most = float.NegativeInfinity;
                for (int c = 0; c < outputs; c++)
                {
                    float logit = own[n * outputs + c] + (shift is null ? 0 : shift[n] * weights![c]);
                    if (logit > most) (most, said[n]) = (logit, c);
                }
            }
            return said;
        }
    }

    private static float[] Logits(PooledHead head, ImageReadings readings)
    {
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        Tensor logits = readings.Pooled().mm(head.Weight.cpu().to(float64).t());
        if (head.Bias is { } bias) logits += bias.cpu().to(float64);
        return logits.to(float32).contiguous().data<float>().ToArray();
    }
}
