using Fovea.Imaging;
using Fovea.Models;
using Fovea.Tests.Dictionaries;
using Fovea.Training;
using Xunit;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Fovea.Tests.Training;

public sealed class EvaluatorTests
{
    [Fact]
    public void Scores_of_logits_agree_with_libtorch()
    {
        using var scope = NewDisposeScope();
        var logits = Samples.Normal([200, 12], "logits", ScalarType.Float32) * 5;
        var labels = tensor(Enumerable.Range(0, 200).Select(i => (long)(i * 7 % 12)).ToArray());
        int[] plain = [.. labels.data<long>().ToArray().Select(l => (int)l)];
        var scores = Logits.Score(logits, plain);
        Assert.Equal(functional.cross_entropy(logits, labels).item<float>(), scores.Average(s => s.Loss), 1e-5);
        Assert.Equal((logits.argmax(1) == labels).sum().item<long>(), scores.Count(s => s.Rank == 0));
        var five = logits.topk(5, 1).indexes;
        Assert.Equal((five == labels.unsqueeze(1)).any(1).sum().item<long>(), scores.Count(s => s.Rank < 5));
        Assert.Equal(functional.softmax(logits, 1).amax([1]).mean().item<float>(), scores.Average(s => s.Confidence), 1e-5);
        for (int i = 0; i < plain.Length; i++) Assert.Equal(logits[i].argmax().item<long>(), scores[i].Predicted);
    }

    [Fact]
    public void Equal_logits_rank_by_index_and_NaN_is_never_a_hit()
    {
        Assert.Equal([0, 1, 2], Enumerable.Range(0, 3).Select(label => LogitScore.Of([1, 1, 1], label).Rank));
        Assert.Equal(Math.Log(3), LogitScore.Of([1, 1, 1], 2).Loss, 1e-15);
        Assert.Equal(2, LogitScore.Of([float.NaN, float.NaN, float.NaN], 1).Rank);
        Assert.False(double.IsFinite(LogitScore.Of([float.NaN, 0, 0], 1).Loss));
        Assert.Equal(200, LogitScore.Of([-100, 100], 0).Loss, 1e-9);
    }

    [Fact]
    public void An_evaluation_names_every_image_and_keeps_the_networks_mode()
    {
        using var network = ImageModel.Create("small_cnn", 3, GradientFlow.Standard);
        network.Initialise(2);
        network.Train();
        using var source = new MemorySource(11, damaged: 4);
        var preprocessing = Preprocessing.ImageNet(null, 64);
        var result = Evaluator.Evaluate(network.With(preprocessing), source, batchSize: 4);
        Assert.True(network.Training);
        Assert.Equal(10, result.Images);
        Assert.Equal([0, 1, 2, 3, 5, 6, 7, 8, 9, 10], result.Predictions.Select(p => p.Index));
        Assert.All(result.Predictions, p => Assert.Equal(source.Label(p.Index), p.Label));
        Assert.Equal("image0004", Assert.Single(result.Damaged).Id);
        Assert.Equal(1, result.Top5);
        var other = Evaluator.Evaluate(network.With(preprocessing), source, batchSize: 11);
        Assert.Equal(result.Loss, other.Loss, 1e-5);
    }
}
