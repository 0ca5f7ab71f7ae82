using Fovea.Datasets;
using Fovea.Interpretation;
using Fovea.Runs.Graph;
using Fovea.Runs.Settings;
using Fovea.Runs.Speed;
using Fovea.Visualization;

namespace Fovea.Runs.Stages.Features;

/// <summary>
/// What the stage of features takes: the search for examples, pictures by every preset and seed, their evidence, examples, the truth, the
/// flow of gradients, classes.
/// </summary>
internal static class FeatureCost
{
    /// <summary>
    /// Passes of a picture through networks after it is made: its own reaction, agreement of seeds, what another network reads.
    /// </summary>
    private const int PassesAfterwards = 3;

    public static StageCost Of(RunContext context, FeatureSettings features, MachineSpeed speed)
    {
        var recipe = context.Settings;
        int images = HarvestStage.Images(context.Harvested.Count, recipe.Harvest!.Images, recipe.Seed).Length;
        double look = speed.Networks.Evaluation(recipe.Model, context.Harvested), seconds = (features.MeasuredImages ?? 0) * look;
        if (features.Judge is { } judge) seconds += Math.Min(judge.Images, images) * speed.Networks.Judgement(judge, context.Harvested);
        long bytes = 0;
        foreach (string layer in recipe.Harvest.Layers)
        {
            var (channels, positions) = context.Shapes.Of(layer);
            var dictionaries = recipe.Dictionary.Where(dictionary => dictionary.Layer == layer).Select(dictionary => dictionary.Options)
                .ToArray();
            int groups = 1 + dictionaries.Length;
            long units = channels + dictionaries.Sum(options => (long)options.LatentsFor(channels));
            double perVector = speed.Dictionaries.Evidence(null, layer, channels)
                + dictionaries.Sum(options => speed.Dictionaries.Evidence(options, layer, channels));
            seconds += (double)images * positions * perVector;
            if (context.Validation is ShapesWorldSource drawn)
            {
                int shown = Math.Min(new ConceptOptions().Images, RunSources.EvaluationCount(context));
                seconds += shown * 2.0 * units * speed.Pictures.Truth(layer, drawn);
            }
            int compared = 2 * features.CompareUnits * Math.Max(1, features.Compare.Count), pictures = features.Pictures + compared;
            double made = features.Seeds * features.Pictures + compared, beside = (double)features.Seeds * features.SideBySide;
            double group = made * speed.Pictures.Picture(layer, RenderPresets.Paper.Preset, features.Pictures)
                + features.Presets.Sum(preset => beside * speed.Pictures.Picture(layer, preset, features.SideBySide))
                + (made + beside * features.Presets.Count) * PassesAfterwards * look;
            // The strongest images, those of each band, at random and near misses.
            int examples = features.Examples + (ExampleKinds.Bands.Count + 2) * new TopExamplesOptions().Others;
            group += (double)pictures * examples * (look + speed.Pictures.Example());
            seconds += groups * group;
            if (features.Flow > 0 && FeatureStage.HasStandard(recipe.Model))
                seconds += 2 * features.Flow * features.FlowSteps.Max() * speed.Pictures.Step(
                    layer, RenderPresets.Paper.Preset, features.Flow);
            (int high, int wide) = context.Preprocessing.OutputSize;
            long crop = Math.Max(high, wide);
            (int rows, int columns) = context.Preprocessing.SizeAt(features.Size ?? high);
            // An example is an image and its map; the report has a copy of everything that is looked at.
            bytes += 2 * groups * (long)((made + beside * features.Presets.Count) * rows * columns * PictureBytes
                + 2.0 * pictures * examples * crop * crop * ExampleBytes);
            // Of every unit, pictures or not, how strong it is at each position of its examples; of each with pictures a page of the report.
            bytes += units * examples * positions * sizeof(float) + (groups * (long)pictures + PagesBeside) * PageBytes;
        }
        if (features.ClassPictures > 0)
            seconds += features.ClassPictures * speed.Pictures.Picture(
                recipe.Harvest.Layers[^1], RenderPresets.Paper.Preset, features.ClassPictures);
        return new StageCost(seconds, images, 0, bytes);
    }

    /// <summary>Bytes a pixel of a PNG: pictures by optimisation are nearly noise, photographs and maps over them less so.</summary>
    private const double PictureBytes = 2.5, ExampleBytes = 1.4;

    /// <summary>Bytes of a page of the report, and how many there are beside those of units.</summary>
    private const long PageBytes = 60_000, PagesBeside = 6;
}
