using Fovea.Dictionaries.Sparse;
using Fovea.Imaging;
using Fovea.Interpretation;
using Fovea.Interventions;
using Fovea.Models;
using Fovea.Models.Edits;
using Fovea.Tests.Dictionaries;
using Xunit;
using static TorchSharp.torch;

namespace Fovea.Tests.Interpretation;

/// <summary>
/// What a report says of a unit's examples that are steered, (s − 1) times the example's mean times the unit's weight, beside the evaluator,
/// which changes the unit and runs what follows.
/// </summary>
public sealed class ExampleMeanTests
{
    private static readonly Preprocessing Input = new(null, 32, [0.5f, 0.5f, 0.5f], [0.25f, 0.25f, 0.25f]);

    [Theory]
    [InlineData("small_cnn", "block4")]
    [InlineData("resnet18", "layer4")]
    public void Means_and_weights_give_what_the_evaluator_measures(string architecture, string layer)
    {
        using ImageModel model = ImageModel.Create(architecture, 5, GradientFlow.Modified, Input, seed: 4);
        using SparseAutoencoder dictionary =
            Samples.Create("topk", model.Layers.Single(one => one.Name == layer).Shape[0], 30, float32);
        using var source = new NoisePictures(12);
        UnitGroup[] groups = [UnitGroup.Neurons(layer), UnitGroup.Latents(layer, "d", dictionary)];
        int[] images = [.. Enumerable.Range(0, source.Count)];
        IReadOnlyList<GroupStatistics> statistics = TopExamples.Collect(model, groups, source, new TopExamplesOptions
        {
            Examples = 3,
            Others = 2,
            Labels = new ImageLabels(images, [.. images.Select(source.Label)], 5),
        });
        // A pass for each: of a wide layer fewer units.
        int compared = 0, every = architecture == "small_cnn" ? 7 : 35;
        foreach (GroupStatistics group in statistics)
        {
            var effects = LogitEffects.Of(model, group.Group)!;
            IReadOnlyList<ExampleRow> rows = FeatureTables.Examples(group, source);
            foreach (ExampleRow row in rows.Where(row => row.Unit % every == 3 && row.Kind == ExampleKinds.Near)) Assert.Null(row.Mean);
            foreach (ExampleRow row in rows.Where(row => row.Unit % every == 3 && row.Kind != ExampleKinds.Near))
            {
                foreach (double factor in (double[])[-0.5, 0, 2.25])
                {
                    EditedUnits units = group.Group.Autoencoder is { } own
                        ? new Latents(own, DictionaryError.Kept, row.Unit) : EditedUnits.Neurons(row.Unit);
                    double measured = 0;
                    InterventionEvaluator.Evaluate(
                        model, [new Intervention(layer, units, UnitOperation.Scale(factor))], source,
                        new InterventionOptions { Images = [row.ImageIndex] }, outcome => measured = outcome.LogitChange);
                    double said = (factor - 1) * row.Mean!.Value * effects.Weight(row.Unit, row.Label);
                    Assert.Equal(measured, said, 2e-5 * Math.Max(1, Math.Abs(measured)));
                    if (Math.Abs(measured) > 1e-4) compared++;
                }
            }
        }
        Assert.True(compared > 20, $"{compared} changes were large enough to be seen.");
    }
}
