using Fovea.Activations;
using Fovea.Checkpoints;
using Fovea.Imaging;
using Fovea.Interpretation;
using Fovea.Models;
using Fovea.Numerics;
using Fovea.Runs.Settings;

namespace Fovea.Runs.Stages.Features;

/// <summary>The images in the eyes of the network that judges: looked at once, for the units of every layer.</summary>
internal static class Judgement
{
    private const string FileName = "embeddings.safetensors", Images = "images", Values = "values";
    private const int Schema = 1;

    /// <summary>The network that judges; the caller disposes it.</summary>
    /// <exception cref="FoveaException">Its weights are missing, or another network's.</exception>
    public static ImageModel BuildJudge(RunContext context, JudgeSettings settings)
    {
        Preprocessing own = context.Preprocessing, seen = settings.Size is { } side
            ? new Preprocessing(side, side, own.Mean, own.Std, own.Interpolation) : own;
        return ModelStage.Build(
            context, new ModelSettings { Architecture = settings.Architecture, Weights = settings.Weights }, settings.Classes, seen);
    }

    /// <summary>What was found before, or is found now and kept.</summary>
    /// <param name="context">The run.</param>
    /// <param name="judge">The network.</param>
    /// <param name="folder">The part's scratch.</param>
    public static ImageEmbeddings Of(RunContext context, JudgeSettings judge, string folder)
    {
        string path = Path.Combine(folder, FileName);
        if (KeptTensors.Find(path, Schema, Read) is { } kept) return kept;
        using var store = ActivationStore.Open(context.Run.ActivationsOf(context.Settings.Harvest!.Layers[0]));
        ImageEmbeddings found = Look(context, judge, store.Images);
        KeptTensors.Write(path, Schema,
        [
            SafetensorsEntry.Of<int>(Images, [.. found.Images]), SafetensorsEntry.Of(Values, found.Units, found.Images.Count, found.Dimension),
        ]);
        return found;
    }

    private static ImageEmbeddings Read(SafetensorsFile file) => ImageEmbeddings.Restored(
        file.Span<int>(Images).ToArray(), file.Span<float>(Values).ToArray(), (int)file.Tensors[Values].Shape[1]);

    private static ImageEmbeddings Look(RunContext context, JudgeSettings judge, IReadOnlyList<int> images)
    {
        using var network = BuildJudge(context, judge);
        int[] drawn =
            [.. new CounterRandom(context.Settings.Seed, "features/judge", 0).Permutation(images.Count).Take(judge.Images).Order()
                .Select(i => images[i])];
        context.Report(FeatureStage.StageName, 0, drawn.Length, "images", $"{judge.Architecture} looks at images");
        return ImageEmbeddings.Compute(network, context.Harvested, drawn, cancellationToken: context.Cancellation);
    }
}
