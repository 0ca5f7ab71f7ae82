using Fovea.Imaging;
using Fovea.Interpretation;
using Fovea.Models;
using Fovea.Visualization;
using Fovea.Visualization.Objectives;

namespace Fovea.Runs.Stages.Features;

/// <summary>A picture of a unit that stands in the run folder.</summary>
/// <param name="Preset">The recipe it was made by, whatever its seed.</param>
/// <param name="Result">The picture and its figures; no snapshots.</param>
/// <param name="File">Relative to the group's folder.</param>
/// <param name="Seed">What its start and its views were drawn with.</param>
internal sealed record MadePicture(string Preset, RenderResult Result, string File, ulong Seed);

/// <summary>
/// Makes the pictures of one group of units, batch by batch; a batch that an earlier invocation finished is read back. Beside each picture
/// stands what made it (<c>images/&lt;preset&gt;-&lt;unit&gt;.json</c>).
/// </summary>
internal sealed class PictureMaker(RunContext context, RunPresets presets, Network network, UnitGroup group, string folder)
{
    private const string BatchFile = "batch.json";

    /// <summary>Pictures of some units.</summary>
    /// <param name="preset">How.</param>
    /// <param name="units">Of which.</param>
    /// <param name="again">0 for the run's seed; others for another draw of start and views.</param>
    public IReadOnlyList<MadePicture> Make(string preset, int[] units, int again = 0)
    {
        if (units.Length == 0) return [];
        var options = presets.Get(preset) with { Seed = context.Settings.Seed + (ulong)again };
        string name = again == 0 ? preset : $"{preset}, seed {again + 1}", file = again == 0 ? preset : $"{preset}-seed{again + 1}";
        List<MadePicture> made = [];
        foreach (int[] batch in units.Chunk(BatchSize(options)))
        {
            if (!batch.All(unit => File.Exists(Record(file, unit)))) Render(name, file, batch, options, made.Count, units.Length);
            made.AddRange(batch.Select(unit => new MadePicture(preset, Read(name, file, unit), Name(file, unit), options.Seed)));
        }
        return made;
    }

    private static string Name(string file, int unit) => $"images/{file}-{unit}.png";

    private string Record(string file, int unit) => Path.Combine(folder, $"images/{file}-{unit}.json");

    /// <summary>The settings', or one that suits the memory: chosen once for the run, since another would change the last bits of pictures.</summary>
    private int BatchSize(RenderOptions options)
    {
        if (options.BatchSize > 0) return options.BatchSize;
        string path = Path.Combine(context.Run.FeaturesOf(group.Layer), BatchFile);
        if (!File.Exists(path)) JsonFile.Write(path, new Chosen(new FeatureRenderer(network, context.Preprocessing).BatchFor([group.Layer], options)));
        return JsonFile.Read<Chosen>(path).BatchSize;
    }

    private void Render(string preset, string file, int[] batch, RenderOptions options, int before, int total)
    {
        IObjective objective = group.Autoencoder is { } autoencoder ? new LatentObjective(group.Layer, autoencoder, batch) : new UnitObjective(group.Layer, batch);
        var progress = new Reporter<RenderProgress>(value => context.Report(FeatureStage.Name, before, total, "pictures",
            $"{group.Layer}/{group.Name}, {preset}, step {value.Step}/{value.Steps}"));
        foreach (var result in new FeatureRenderer(network, context.Preprocessing).Render(objective, options with { BatchSize = batch.Length }, progress, context.Cancellation))
        {
            AtomicFile.WriteBytes(Path.Combine(folder, Name(file, result.Unit)), ImageCodec.EncodePng(result.Picture));
            JsonFile.Write(Record(file, result.Unit), PictureRecord.Of(group, objective, options, result));
        }
    }

    private RenderResult Read(string preset, string file, int unit)
    {
        string picture = Path.Combine(folder, Name(file, unit));
        var record = JsonFile.Read<PictureRecord>(Record(file, unit));
        return new RenderResult(unit, preset, ImageCodec.Decode(File.ReadAllBytes(picture), picture), record.Activation, record.Peak, record.Curve, []);
    }

    private sealed record Chosen(int BatchSize);
}
