using Fovea.Imaging;
using Fovea.Models;
using Fovea.Training;
using Xunit;

namespace Fovea.Tests.Training;

public sealed class FineTunerTests : IDisposable
{
    private static readonly Preprocessing Preprocessing = Preprocessing.ImageNet(null, 64);

    private readonly string _root = Directory.CreateTempSubdirectory("fovea-training").FullName;

    public void Dispose() => Directory.Delete(_root, recursive: true);

    private static TrainingOptions Options(int epochs = 2) =>
        new() { Epochs = epochs, BatchSize = 4, LearningRate = 1e-3, Seed = 3, CheckpointEverySteps = 2, StatisticsImages = 6 };

    private static ImageModel Fresh(string architecture = "small_cnn")
    {
        var network = ImageModel.Create(architecture, 3, GradientFlow.Modified);
        network.Initialise(1);
        return network;
    }

    /// <summary>
    /// Trains in <paramref name="folder"/>, cancelling after <paramref name="reports"/> reports of progress (null: never).
    /// </summary>
    private static TrainingResult? Train(
        string folder, int? reports = null, string architecture = "small_cnn", TrainingOptions? options = null)
    {
        using var network = Fresh(architecture);
        using var train = new MemorySource(10, damaged: 7); // batches of 4, 4, 2 places, one of them damaged
        using var validation = new MemorySource(5, seed: 2);
        using var cancellation = new CancellationTokenSource();
        int seen = 0;
        try
        {
            var progress = new Synchronous<TrainingProgress>(_ =>
            {
                if (++seen == reports) cancellation.Cancel();
            });
            var result = new FineTuner(network.With(Preprocessing), options ?? Options()).Run(
                train, validation, folder, null, progress, cancellation.Token);
            ModelFile.Save(folder, network.With(Preprocessing), train.Classes);
            return result;
        }
        catch (OperationCanceledException) when (reports is not null)
        {
            return null;
        }
    }

    private static Dictionary<string, string> Bytes(string folder) => Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories)
        .ToDictionary(
            path => Path.GetRelativePath(folder, path),
                path => Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(File.ReadAllBytes(path))));

    [Fact]
    public void Interrupted_anywhere_and_continued_gives_the_same_bytes()
    {
        string whole = Path.Combine(_root, "whole");
        var result = Train(whole)!;
        var expected = Bytes(whole);
        Assert.Contains(FineTuner.BestName, expected.Keys);
        Assert.Equal("image0007", Assert.Single(result.Damaged).Id);

        // 3 steps and 1 validation batch an epoch: 8 reports in all. The last comes too late to stop anything.
        for (int reports = 1; reports <= 7; reports++)
        {
            string broken = Path.Combine(_root, $"broken-{reports}");
            Assert.Null(Train(broken, reports));
            var continued = Train(broken)!;
            Assert.Equal(expected, Bytes(broken));
            Assert.Equal(result.Damaged, continued.Damaged);
        }
    }

    [Fact]
    public void Interrupted_after_every_batch_gives_the_same_bytes_with_dropout_too()
    {
        string whole = Path.Combine(_root, "whole"), broken = Path.Combine(_root, "broken");
        Train(whole, architecture: "mobilenet_v2", options: Options(1));
        int calls = 0;
        while (Train(broken, reports: 1, architecture: "mobilenet_v2", options: Options(1)) is null) Assert.True(++calls < 10);
        Assert.Equal(Bytes(whole), Bytes(broken));
    }

    [Fact]
    public void What_a_kill_leaves_behind_is_cleared_away()
    {
        string whole = Path.Combine(_root, "whole"), killed = Path.Combine(_root, "killed");
        Train(whole);
        Train(killed, reports: 2);
        string resume = Path.Combine(killed, FineTuner.ResumeName);
        File.WriteAllText(Path.Combine(resume, "state-0001-00000001.safetensors"), "the pointer was not moved here yet");
        File.WriteAllText(Path.Combine(resume, "state-0001-00000002.safetensors.partial"), "half");
        Train(killed);
        Assert.Equal(Bytes(whole), Bytes(killed));
    }

    [Fact]
    public void A_finished_training_is_not_done_again()
    {
        string folder = Path.Combine(_root, "done");
        var first = Train(folder)!;
        var before = Bytes(folder);
        Assert.Equal(first.History, Train(folder)!.History);
        Assert.Equal(before, Bytes(folder));
    }

    [Fact]
    public void A_folder_with_another_training_is_refused_with_the_difference()
    {
        string folder = Path.Combine(_root, "other");
        Train(folder, reports: 2);
        var error = Assert.Throws<FoveaException>(() => Train(folder, options: Options() with { LearningRate = 2e-3 }));
        Assert.Equal(FailureKind.Configuration, error.Kind);
        Assert.Contains("0.001", error.Message);
        Assert.Contains("0.002", error.Message);
        Assert.NotNull(Train(folder, options: Options() with { CheckpointEverySteps = 1 })); // how often to save changes nothing
    }

    [Fact]
    public void The_best_weights_are_kept_and_score_as_the_history_says()
    {
        string folder = Path.Combine(_root, "best");
        var result = Train(folder, options: Options(4))!;
        var best = result.History[result.BestEpoch - 1].Validation;
        Assert.Equal(result.History.Max(epoch => epoch.Validation.Top1), best.Top1);
        using var network = Fresh();
        FineTuner.LoadBest(folder, network);
        using var validation = new MemorySource(5, seed: 2);
        var again = Evaluator.Evaluate(network.With(Preprocessing), validation);
        Assert.Equal(best, new SplitScores(again.Loss, again.Top1, again.Top5));
    }

    [Fact]
    public void Training_learns()
    {
        using var network = Fresh();
        using var source = new MemorySource(24);
        var options = new TrainingOptions { Epochs = 4, BatchSize = 8, LearningRate = 1e-2, Augmentation = null };
        var history = new FineTuner(network.With(Preprocessing), options).Run(source, source).History;
        Assert.True(history[^1].Train.Loss < 0.5 * history[0].Train.Loss);
        Assert.Equal(1, history[^1].Validation.Top1);
        Assert.Equal(1e-2, history[0].LearningRate);
        Assert.Equal(new CosineAnnealing(1e-2, 0, 12).At(9), history[3].LearningRate);
        Assert.All(history, epoch => Assert.Equal(1, epoch.Train.Top5)); // three classes
    }

    [Fact]
    public void A_loss_that_is_not_finite_stops_the_training()
    {
        using var network = Fresh();
        using var source = new MemorySource(12);
        var tuner = new FineTuner(network.With(Preprocessing), Options() with { LearningRate = 1e36 });
        var error = Assert.Throws<FoveaException>(() => tuner.Run(source, source));
        Assert.Equal(FailureKind.Numerical, error.Kind);
        Assert.Contains("learning rate", error.Message);
    }

    [Fact]
    public void The_wrong_number_of_classes_is_refused()
    {
        using var network = Fresh();
        using var source = new MemorySource(8, classes: 4);
        var error = Assert.Throws<FoveaException>(() => new FineTuner(network.With(Preprocessing), Options()).Run(source, source));
        Assert.Equal(FailureKind.Data, error.Kind);
    }

    private sealed class Synchronous<T>(Action<T> report) : IProgress<T>
    {
        public void Report(T value) => report(value);
    }
}
