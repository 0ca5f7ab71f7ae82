using Fovea.Models;
using Fovea.Runs.Preparation;
using Fovea.Tests.Interpretation;
using Fovea.Tests.Interventions.Effects;
using Fovea.Training;
using Xunit;

namespace Fovea.Tests.Runs;

/// <summary>The way in which images were prepared is found where it is known: a network's own answers are taken for the truth.</summary>
[Collection(TensorCounts.Name)]
public sealed class PreparationTrialTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("fovea-trial-").FullName;

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Theory]
    [InlineData(32, 4)]
    [InlineData(44, 8)]
    public void The_planted_way_is_found_among_the_usual_ones(int side, int count)
    {
        using ImageModel model = EffectNetworks.Make("small_cnn", _root);
        using var source = new NoisePictures(60, side, side);
        var ways = PreparationTrial.Usual(source, 32, 32);
        Assert.Equal(count, ways.Count);
        foreach (var planted in ways)
        {
            int[] named = [.. Evaluator.Evaluate(model.With(planted.Preprocessing), source).Predictions.OrderBy(one => one.Index).Select(one => one.Predicted)];
            using var truth = new NoisePictures(60, side, side, named);
            var tried = PreparationTrial.Of(model, truth, ways, cancellation: TestContext.Current.CancellationToken);
            Assert.Equal(count, tried.Count);
            Assert.Equal(1, tried[0].Top1);
            // Where another way gives the same answers, it is no worse a finding.
            Assert.Contains(tried.Where(one => one.Top1 == 1), one => one.Preprocessing == planted.Preprocessing);
            Assert.Equal(tried.OrderByDescending(one => one.Top1).ThenBy(one => one.Loss), tried);
        }
        // The ways differ at all: no answer fits them all.
        Assert.True(ways.Select(way => string.Join(",", Evaluator.Evaluate(model.With(way.Preprocessing), source).Predictions.OrderBy(one => one.Index)
            .Select(one => one.Predicted))).Distinct().Count() >= (count > 4 ? 3 : 2));
    }

    [Fact]
    public void A_network_that_is_no_square_has_its_images_squeezed_and_whole_numbers_stay()
    {
        using var source = new NoisePictures(3, 40, 40);
        Assert.All(PreparationTrial.Usual(source, 24, 32), way => Assert.True(way.Preprocessing is { Squash: true, Width: 32 }));
        var whole = PreparationTrial.Usual(source, 32, 32, wholeNumbers: true);
        Assert.Equal([37, 32], whole.Select(way => way.Preprocessing.Resize));
        Assert.All(whole, way => Assert.All(way.Preprocessing.Mean, mean => Assert.Equal(0, mean)));
    }
}
