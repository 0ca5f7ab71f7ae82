using Fovea.Imaging;
using Fovea.Interpretation;
using Fovea.Visualization;
using Fovea.Visualization.Objectives;

namespace Fovea.Runs;

/// <summary>A picture of a unit that stands in a folder.</summary>
/// <param name="Preset">The recipe it was made by, whatever its seed.</param>
/// <param name="Result">The picture and its figures; no snapshots.</param>
/// <param name="File">Relative to the folder, with forward slashes.</param>
/// <param name="Seed">What its start and its views were drawn with.</param>
public sealed record MadePicture(string Preset, RenderResult Result, string File, ulong Seed);

/// <summary>
/// Pictures of many units in a folder, batch by batch, each with what made it beside it (<c>NAME-UNIT.png</c>, <c>NAME-UNIT.json</c>). A batch that is there, made the same
/// way, is read back: a large set that was interrupted goes on where it stopped, and ends with the same bytes.
/// </summary>
public static class PictureFolder
{
    /// <summary>Makes or reads pictures.</summary>
    /// <param name="renderer">Of the units' network.</param>
    /// <param name="group">Neurons or latents.</param>
    /// <param name="units">Which; a picture's last bits depend on its batch, so an interrupted set is continued with the same units.</param>
    /// <param name="options">How. The batch size must be given (<see cref="FeatureRenderer.BatchFor"/>).</param>
    /// <param name="folder">The folder that file names are relative to.</param>
    /// <param name="prefix">Path of the files in it up to the unit's number, e.g. <c>images/paper</c>.</param>
    /// <param name="preset">The name in the results.</param>
    /// <param name="progress">Told the pictures done before the batch, and the batch's steps.</param>
    /// <param name="cancellationToken">Looked at before every step; finished batches stay.</param>
    /// <exception cref="FoveaException">As <see cref="FeatureRenderer.Render(IObjective, RenderOptions, IProgress{RenderProgress}?, CancellationToken)"/>; or the folder cannot be written.</exception>
    public static IReadOnlyList<MadePicture> Make(FeatureRenderer renderer, UnitGroup group, IReadOnlyList<int> units, RenderOptions options, string folder, string prefix,
        string preset, IProgress<RenderProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(renderer);
        ArgumentNullException.ThrowIfNull(group);
        ArgumentNullException.ThrowIfNull(units);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(options.BatchSize, nameof(options));
        List<MadePicture> made = [];
        foreach (int[] batch in units.Chunk(options.BatchSize))
        {
            IObjective objective = group.Autoencoder is { } autoencoder ? new LatentObjective(group.Layer, autoencoder, batch) : new UnitObjective(group.Layer, batch);
            MadePicture[]? there = Read(group, objective, batch, options, folder, prefix, preset);
            if (there is null)
            {
                int before = made.Count;
                var relay = new Relay(step => progress?.Report(new RenderProgress(before, units.Count, batch.Length, step.Step, step.Steps)));
                foreach (var result in renderer.Render(objective, options, relay, cancellationToken))
                {
                    string path = Path.Combine(folder, $"{prefix}-{result.Unit}");
                    AtomicFile.WriteBytes(path + ".png", ImageCodec.EncodePng(result.Picture));
                    JsonFile.Write(path + ".json", PictureRecord.Of(group, objective, options, result));
                }
                // Read back, so that what is returned does not depend on whether it was there.
                there = Read(group, objective, batch, options, folder, prefix, preset) ?? throw FoveaException.OutOfResource($"Pictures written to {folder} cannot be read back.");
            }
            made.AddRange(there);
        }
        return made;
    }

    /// <summary>A batch that is there, whole and made as is asked now; else null.</summary>
    private static MadePicture[]? Read(UnitGroup group, IObjective objective, int[] batch, RenderOptions options, string folder, string prefix, string preset)
    {
        var found = new MadePicture[batch.Length];
        for (int i = 0; i < batch.Length; i++)
        {
            string path = Path.Combine(folder, $"{prefix}-{batch[i]}");
            if (!File.Exists(path + ".json") || !File.Exists(path + ".png")) return null;
            PictureRecord record;
            try
            {
                record = JsonFile.Read<PictureRecord>(path + ".json");
            }
            catch (FoveaException)
            {
                return null; // of an earlier version
            }
            if (!record.SameRecipe(PictureRecord.Of(group, objective, options, batch[i]))) return null;
            var result = new RenderResult(batch[i], preset, ImageCodec.Decode(File.ReadAllBytes(path + ".png"), path + ".png"), record.Activation, record.Peak, record.Curve, []);
            found[i] = new MadePicture(options.Preset, result, $"{prefix}-{batch[i]}.png", options.Seed);
        }
        return found;
    }

    private sealed class Relay(Action<RenderProgress> told) : IProgress<RenderProgress>
    {
        public void Report(RenderProgress value) => told(value);
    }
}
