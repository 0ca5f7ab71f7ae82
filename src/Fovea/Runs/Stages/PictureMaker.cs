using Fovea.Imaging;
using Fovea.Interpretation;
using Fovea.Models;
using Fovea.Visualization;
using Fovea.Visualization.Objectives;

namespace Fovea.Runs.Stages;

/// <summary>
/// Makes the pictures of one group of units, batch by batch; a batch that an earlier invocation finished is read back. Beside each picture
/// stands what made it (<c>images/&lt;preset&gt;-&lt;unit&gt;.json</c>).
/// </summary>
internal sealed class PictureMaker(RunContext context, Network network, UnitGroup group, string folder)
{
    public IReadOnlyList<(RenderResult Result, string File)> Make(string preset, int[] units)
    {
        var settings = context.Settings.Features!;
        var options = RunPictures.Options(context.Settings, preset);
        List<(RenderResult, string)> made = [];
        foreach (int[] batch in units.Chunk(settings.BatchSize))
        {
            if (!batch.All(unit => File.Exists(Record(preset, unit)))) Render(preset, batch, options, made.Count, units.Length);
            made.AddRange(batch.Select(unit => (Read(preset, unit), Name(preset, unit))));
        }
        return made;
    }

    private static string Name(string preset, int unit) => $"images/{preset}-{unit}.png";

    private string Record(string preset, int unit) => Path.Combine(folder, $"images/{preset}-{unit}.json");

    private void Render(string preset, int[] batch, RenderOptions options, int before, int total)
    {
        IObjective objective = group.Autoencoder is { } autoencoder ? new LatentObjective(group.Layer, autoencoder, batch) : new UnitObjective(group.Layer, batch);
        var progress = new Reporter<RenderProgress>(value => context.Report(FeatureStage.Name, before, total, "pictures",
            $"{group.Layer}/{group.Name}, {preset}, step {value.Step}/{value.Steps}"));
        foreach (var result in new FeatureRenderer(network, context.Preprocessing).Render(objective, options, progress, context.Cancellation))
        {
            AtomicFile.WriteBytes(Path.Combine(folder, Name(preset, result.Unit)), ImageCodec.EncodePng(result.Picture));
            JsonFile.Write(Record(preset, result.Unit), new PictureRecord
            {
                Unit = result.Unit,
                Layer = group.Layer,
                Source = group.Name,
                Preset = preset,
                Objective = objective.Description,
                Steps = options.Steps,
                LearningRate = options.LearningRate,
                TotalVariation = options.TotalVariation,
                Blur = options.Blur,
                Seed = options.Seed,
                Activation = result.Activation,
                Peak = result.Peak,
                Curve = result.Curve,
            });
        }
    }

    private RenderResult Read(string preset, int unit)
    {
        string picture = Path.Combine(folder, Name(preset, unit));
        var record = JsonFile.Read<PictureRecord>(Record(preset, unit));
        return new RenderResult(unit, preset, ImageCodec.Decode(File.ReadAllBytes(picture), picture), record.Activation, record.Peak, record.Curve, []);
    }
}

/// <summary>What made a picture and how well it did.</summary>
public sealed record PictureRecord
{
    /// <summary>Channel or latent.</summary>
    public required int Unit { get; init; }

    /// <summary>The layer.</summary>
    public required string Layer { get; init; }

    /// <summary><c>neurons</c> or the dictionary.</summary>
    public required string Source { get; init; }

    /// <summary><c>naive</c> or <c>paper</c>.</summary>
    public required string Preset { get; init; }

    /// <summary>What was maximised.</summary>
    public required string Objective { get; init; }

    /// <summary>Optimisation steps.</summary>
    public required int Steps { get; init; }

    /// <summary>Adam's learning rate.</summary>
    public required double LearningRate { get; init; }

    /// <summary>Weight of the total variation.</summary>
    public required double TotalVariation { get; init; }

    /// <summary>Blur after each step, pixels.</summary>
    public required double Blur { get; init; }

    /// <summary>Seed of the start and the views.</summary>
    public required ulong Seed { get; init; }

    /// <summary>The objective on the picture as saved.</summary>
    public required double Activation { get; init; }

    /// <summary>The unit's largest value over positions on the picture as saved.</summary>
    public required double Peak { get; init; }

    /// <summary>The objective at each step, on the transformed image.</summary>
    public required IReadOnlyList<double> Curve { get; init; }
}
