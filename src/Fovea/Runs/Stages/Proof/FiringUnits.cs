using Fovea.Datasets;
using Fovea.Imaging;
using Fovea.Interpretation;
using Fovea.Interventions.Effects;
using Fovea.IO;
using Fovea.Models;
using Fovea.Runs.Settings;

namespace Fovea.Runs.Stages.Proof;

/// <summary>Writes what makes the units of a source fire that have the largest effects.</summary>
internal static class FiringUnits
{
    /// <summary>Writes <c>firing.json</c> and the images, each a file of its own.</summary>
    public static void Write(
        RunContext context, ProofSettings proof, ImageModel model, UnitGroup group, IReadOnlyList<EffectRow> rows, IImageSource source,
        IReadOnlyList<int> images, string folder)
    {
        int[] units = [.. rows.Where(row => row.Active > 0 && row.Error != "dropped").OrderByDescending(row => Math.Abs(row.Logit))
            .ThenBy(row => row.Unit).Take(proof.Firing).Select(row => row.Unit)];
        var options = new FiringOptions { Seed = context.Settings.Seed };
        List<FiringUnit> found = [];
        if (units.Length > 0)
        {
            var strongest = StrongestImages.Of(model, group, units, source, images, context.Cancellation);
            foreach (int unit in units.Where(strongest.ContainsKey))
            {
                context.Cancellation.ThrowIfCancellationRequested();
                StrongestImages at = strongest[unit];
                RgbImage seen = model.Preprocessing.ApplyToPixels(source.Read(at.Image));
                FiringMap map = FiringAttribution.Of(model, group, unit, seen, (at.Y, at.X), options);
                string file = FormattableString.Invariant($"firing-{unit}.png");
                AtomicFile.WriteBytes(Path.Combine(folder, file), ImageCodec.EncodePng(seen));
                found.Add(new FiringUnit(
                    unit, source.Id(at.Image), new StoredPicture(file, 0, 0, seen.Width, seen.Height), at.Y, at.X, map.Value, map.Patches,
                    map.Deletion, map.DeletionRandom, map.Insertion, map.InsertionRandom));
                context.Report(ProofStage.StageName, found.Count, units.Length, "units", $"what makes {group.Layer}/{group.Name} fire");
            }
        }
        DocumentFile.Write(Path.Combine(folder, FiringDocument.FileName), new FiringDocument
        {
            Layer = group.Layer,
            Source = group.Name,
            Grid = options.Grid,
            IntegrationSteps = options.IntegrationSteps,
            RandomOrders = options.RandomOrders,
            Units = found,
        });
    }
}
