using Fovea.Imaging;
using Fovea.Interpretation;
using Fovea.IO;
using Fovea.Visualization;

namespace Fovea.Runs;

/// <summary>A picture that is a file of its own in a folder.</summary>
/// <param name="Preset">The recipe it was made by, whatever its seed.</param>
/// <param name="Result">The picture and its figures; no snapshots.</param>
/// <param name="File">Relative to the folder, with forward slashes.</param>
/// <param name="Record">All that made it.</param>
public sealed record MadePicture(string Preset, RenderResult Result, string File, PictureRecord Record)
{
    /// <summary>What its start and its views were drawn with.</summary>
    public ulong Seed => Record.Seed;
}

/// <summary>
/// Pictures in a folder, batch by batch, each with what made it beside it (<c>NAME-UNIT.png</c>, <c>NAME-UNIT.json</c>). A batch that is
/// there, made the same way, is read back: a large set that was interrupted goes on where it stopped, and ends with the same bytes.
/// </summary>
public static class PictureFolder
{
    /// <summary>Makes or reads pictures.</summary>
    /// <param name="renderer">Of the subject's network.</param>
    /// <param name="subject">What the pictures are of; a picture's last bits depend on its batch, so an interrupted set is continued with
    /// the same subject.</param>
    /// <param name="options">How. The batch size must be given (<see cref="FeatureRenderer.BatchFor"/>).</param>
    /// <param name="folder">The folder that file names are relative to.</param>
    /// <param name="prefix">Path of the files in it up to the unit's name, e.g. <c>images/paper</c>.</param>
    /// <param name="preset">The name in the results.</param>
    /// <param name="progress">Told the pictures done before the batch, and the batch's steps.</param>
    /// <param name="cancellationToken">Looked at before every step; finished batches stay.</param>
    /// <exception cref="FoveaException">As
    /// <see cref="FeatureRenderer.Render(Visualization.Objectives.IObjective, RenderOptions, IProgress{RenderProgress}?, CancellationToken)"/>; or a picture of that name is of another layer or source; or the folder cannot be written.</exception>
    public static IReadOnlyList<MadePicture> Make(
        FeatureRenderer renderer, PictureSubject subject, RenderOptions options, string folder, string prefix,
        string preset, IProgress<RenderProgress>? progress = null, CancellationToken cancellationToken = default) =>
        Make(renderer, subject, options, folder, prefix, preset, (0, int.MaxValue), progress, cancellationToken);

    /// <summary>
    /// The same for the batches that begin at some places among the pictures: several processes make one set, each some of it, and the
    /// bytes are those of one, since batches are cut as for all.
    /// </summary>
    internal static IReadOnlyList<MadePicture> Make(
        FeatureRenderer renderer, PictureSubject subject, RenderOptions options, string folder, string prefix,
        string preset, (int First, int End) places, IProgress<RenderProgress>? progress, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(renderer);
        ArgumentNullException.ThrowIfNull(subject);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(options.BatchSize, nameof(options));
        int all = subject.Files.Count;
        StartPictures.Check(options, all);
        RefuseOthers(subject, folder, prefix);
        List<MadePicture> made = [];
        for (int start = 0, count; start < Math.Min(all, places.End); start += count)
        {
            int before = start;
            count = FeatureRenderer.BatchEnd(subject.Objective, start, options.BatchSize) - start;
            if (start < places.First) continue;
            PictureSubject batch = subject.Slice(start, count);
            RenderOptions own = options.StartFrom.Count > 1
                ? options with { StartFrom = [.. options.StartFrom.Skip(start).Take(count)] } : options;
            MadePicture[]? there = Read(batch, own, folder, prefix, preset);
            if (there is null)
            {
                var relay = new Relay(step => progress?.Report(new RenderProgress(before, all, count, step.Step, step.Steps)));
                var results = renderer.Render(batch.Objective, own, relay, cancellationToken);
                for (int i = 0; i < count; i++)
                {
                    string path = Path.Combine(folder, $"{prefix}-{batch.Files[i]}");
                    // Of a picture that this one replaces: the record comes last, and what has one is whole.
                    if (File.Exists(path + ".json")) Removal.Of(path + ".json");
                    AtomicFile.WriteBytes(path + ".png", ImageCodec.EncodePng(results[i].Picture));
                    DocumentFile.Write(path + ".json", PictureRecords.Of(batch, i, own, results[i]));
                }
                // Read back, so that what is returned does not depend on whether it was there.
                there = Read(batch, own, folder, prefix, preset)
                    ?? throw FoveaException.OutOfResource($"Pictures written to {folder} cannot be read back.");
            }
            made.AddRange(there);
        }
        return made;
    }

    /// <summary>
    /// Makes or reads pictures of units of a group (<see cref="PictureSubject.Of"/>) in a folder that belongs to this network and
    /// dictionary: pictures do not say which those were. Where they may change, make the subject with their hashes.
    /// </summary>
    /// <inheritdoc cref="Make(FeatureRenderer, PictureSubject, RenderOptions, string, string, string, IProgress{RenderProgress}?, CancellationToken)"/>
    public static IReadOnlyList<MadePicture> Make(
        FeatureRenderer renderer, UnitGroup group, IReadOnlyList<int> units, RenderOptions options, string folder, string prefix,
        string preset, IProgress<RenderProgress>? progress = null, CancellationToken cancellationToken = default) =>
        Make(renderer, PictureSubject.Of(group, units), options, folder, prefix, preset, progress, cancellationToken);

    /// <summary>A batch that is there, whole and made as is asked now; else null.</summary>
    private static MadePicture[]? Read(PictureSubject batch, RenderOptions options, string folder, string prefix, string preset)
    {
        var found = new MadePicture[batch.Files.Count];
        for (int i = 0; i < found.Length; i++)
        {
            string file = $"{prefix}-{batch.Files[i]}", path = Path.Combine(folder, file);
            if (!File.Exists(path + ".json") || !File.Exists(path + ".png")) return null;
            if (RecordOf(path) is not { } record || !record.SameRecipe(PictureRecords.Of(batch, i, options))) return null;
            var key = batch.Objective.Keys[i];
            var picture = ImageCodec.Decode(PlainFile.ReadAllBytes(path + ".png"), path + ".png");
            var result = new RenderResult(
                key.Unit, preset, picture, record.Activation, record.Peak, record.Curve, [])
            { Replica = key.Replica };
            found[i] = new MadePicture(options.Preset, result, file + ".png", record);
        }
        return found;
    }

    /// <summary>A picture made with other settings is replaced; one of something else, which only its number shares, is not.</summary>
    private static void RefuseOthers(PictureSubject subject, string folder, string prefix)
    {
        for (int i = 0; i < subject.Files.Count; i++)
        {
            string path = Path.Combine(folder, $"{prefix}-{subject.Files[i]}"), layer = subject.Objective.Keys[i].Layer;
            if (!File.Exists(path + ".json") || RecordOf(path) is not { } there
                || (there.Layer == layer && there.Source == subject.Source)) continue;
            throw FoveaException.BadConfiguration(
                $"{path}.png is there already, of {there.Source} on {there.Layer}; this one would be of "
                    + $"{subject.Source} on {layer}. Choose another folder (--out).");
        }
    }

    /// <summary>What made the picture of this path without ending; null where that cannot be read, as of an earlier version.</summary>
    private static PictureRecord? RecordOf(string path)
    {
        try
        {
            return DocumentFile.Read<PictureRecord>(path + ".json");
        }
        catch (FoveaException)
        {
            return null;
        }
    }

    private sealed class Relay(Action<RenderProgress> told) : IProgress<RenderProgress>
    {
        public void Report(RenderProgress value) => told(value);
    }
}
