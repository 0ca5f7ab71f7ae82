using Fovea.Interpretation;
using Fovea.Models;
using Fovea.Runs.Settings;

namespace Fovea.Runs.Stages.Features;

/// <summary>
/// Whether pictures tell the truth: what they cause in their network, whether seeds agree, what another network reads in them.
/// </summary>
internal static class PictureEvidence
{
    /// <summary>The scores of each picture, in their order.</summary>
    /// <param name="context">The run.</param>
    /// <param name="network">The network that the pictures were made with.</param>
    /// <param name="other">The standard network beside a modified one; null where there is none.</param>
    /// <param name="statistics">The units' statistics on real images.</param>
    /// <param name="pictures">Pictures of units, several presets and seeds.</param>
    public static IReadOnlyList<PictureScores> Of(
        RunContext context, ImageModel network, ImageModel? other, GroupStatistics statistics, IReadOnlyList<MadePicture> pictures)
    {
        var scores = new PictureScores[pictures.Count];
        double[] percentiles = [.. statistics.Units.Select(unit => PictureReaction.Reference(statistics.Histogram!, unit.Unit))];
        foreach (var preset in pictures.Select((picture, place) => (picture, place)).GroupBy(one => one.picture.Preset))
        {
            var made = preset.ToArray();
            UnitPicture[] shown =
                [.. made.Select(one => new UnitPicture(one.picture.Result.Unit, one.picture.Seed, one.picture.Result.Picture))];
            var reactions = PictureReaction.Measure(network, statistics.Group, shown, percentiles);
            var agreement = SeedAgreement.Measure(network, statistics.Group.Layer, shown).ToDictionary(one => one.Unit);
            for (int i = 0; i < made.Length; i++)
            {
                var seeds = agreement[shown[i].Unit];
                scores[made[i].place] = new PictureScores
                {
                    Rank = reactions[i].Rank > 0 ? reactions[i].Rank : null,
                    SeedAgreement = Known(seeds.Same),
                    SeedBaseline = double.IsFinite(seeds.Same) ? Known(seeds.Others) : null,
                };
            }
            if (other is null || !NetworkClasses.AreOfImages(context.Settings.Model) || statistics.Classes is not { } classes) continue;
            int[] classed = [.. Enumerable.Range(0, made.Length).Where(i => classes.TopClass(shown[i].Unit) is not null)];
            if (classed.Length == 0) continue;
            var evidence = ClassEvidence.Measure(other, [.. classed.Select(i => shown[i])], unit => classes.TopClass(unit)!.Value);
            for (int k = 0; k < classed.Length; k++)
            {
                int place = made[classed[k]].place;
                scores[place] =
                    scores[place] with
                    {
                        OtherEvidence = Known(evidence[k].Probability),
                        OtherBaseline = Known(evidence[k].OtherProbability)
                    };
            }
        }
        return scores;
    }

    private static double? Known(double value) => double.IsFinite(value) ? value : null;
}
