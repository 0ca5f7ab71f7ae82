using Fovea.Models;
using Fovea.Runs.Graph;
using Fovea.Runs.Settings;

namespace Fovea.Runs.Stages.Features;

/// <summary>
/// The parts of the stage: first what the stored vectors and the truth say of each group of units, then pictures, some at a time, then each
/// group's results, and last what needs all groups of a layer.
/// </summary>
/// <param name="context">The run.</param>
/// <param name="features">The stage's settings.</param>
internal sealed class FeatureParts(RunContext context, FeatureSettings features)
{
    /// <summary>The part in which another network looks at the images.</summary>
    public const string JudgeName = "judge";

    private const string ColoursName = "colours";

    private readonly IReadOnlyList<string> _layers = context.Settings.Harvest!.Layers;
    private readonly bool _hasFlow = features.Flow > 0 && FeatureStage.HasStandard(context.Settings.Model);

    /// <summary>All of them, each after those it is made after.</summary>
    public IReadOnlyList<StagePart> All()
    {
        List<StagePart> evidence = [], pictures = [], results = [], last = [];
        string[] judge = features.Judge is null ? [] : [JudgeName], colours = features.MeasuredImages is null ? [] : [ColoursName];
        if (features.Judge is { } settings) evidence.Add(new StagePart(JudgeName, scratch => Judgement.Of(context, settings, scratch)));
        if (colours.Length > 0) evidence.Add(new StagePart(ColoursName, _ => RunPresets.Of(context)));
        for (int i = 0; i < _layers.Count; i++)
        {
            var names = new LayerParts(i);
            string layer = _layers[i];
            using var groups = new LayerGroups(context, layer);
            int count = groups.Names.Count;
            // The first of them also fixes how large batches of pictures are.
            string first = names.Evidence(0);
            evidence.Add(Part(layer, names, names.Truth, [], work => work.FindTruth()));
            for (int g = 0; g < count; g++)
            {
                int group = g;
                string[] own = [.. colours, .. new[] { first, names.Evidence(group) }.Distinct()];
                evidence.Add(Part(layer, names, names.Evidence(group), judge, work => work.FindEvidence(group)));
                var pieces = RenderSet.Parts(features, groups.UnitsOf(group));
                string[] made = [.. pieces.Select((_, place) => names.Pictures(group, place))];
                pictures.AddRange(pieces.Zip(made, (some, name) => Part(layer, names, name, own, work => work.MakePictures(group, some))));
                results.Add(Part(layer, names, names.Group(group), [.. own, names.Truth, .. made], work =>
                {
                    using ImageModel? standard = FeatureStage.Standard(context);
                    work.WriteGroup(group, standard);
                }));
            }
            if (_hasFlow)
            {
                pictures.Add(Part(layer, names, names.Flow, [.. colours, first], work =>
                {
                    using ImageModel standard = FeatureStage.Standard(context)!;
                    work.WriteFlow(standard);
                }));
            }
            last.Add(Part(
                layer, names, names.Layer, [.. Enumerable.Range(0, count).Select(names.Group)], work => work.WriteComparisons()));
        }
        pictures.Add(new StagePart(
            "classes", scratch => ClassPictures.Write(context, RunPresets.Of(context), context.Network, scratch))
        { After = colours });
        return [.. evidence, .. pictures, .. results, .. last];
    }

    private StagePart Part(string layer, LayerParts names, string name, IReadOnlyList<string> after, Action<LayerWork> make) =>
        new(name, scratch =>
        {
            using var work = new LayerWork(context, layer, names, scratch);
            make(work);
        })
        { After = after };
}
