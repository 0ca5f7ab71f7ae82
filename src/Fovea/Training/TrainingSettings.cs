using System.Security.Cryptography;
using System.Text.Json;
using Fovea.Checkpoints;
using Fovea.Datasets;
using Fovea.IO;
using Fovea.Models;
using static TorchSharp.torch;

namespace Fovea.Training;

/// <summary>Everything that decides a training's result, by name and in words.</summary>
internal static class TrainingSettings
{
    public static IReadOnlyDictionary<string, string> Describe(
        ImageModel network, TrainingOptions options, IImageSource train, IImageSource validation) =>
        new SortedDictionary<string, string>(StringComparer.Ordinal)
        {
            ["network"] = Line(new TrainedNetwork(network.Architecture, network.Outputs, network.Flow)),
            ["initial weights"] = Hash(network),
            ["preprocessing"] = Line(network.Preprocessing),
            // How often to save changes nothing.
            ["options"] = Line(options with { CheckpointEverySteps = 1 }),
            ["training images"] = train.Fingerprint,
            ["validation images"] = validation.Fingerprint,
        };

    private static string Line<T>(T value) =>
        JsonSerializer.Serialize(value, new JsonSerializerOptions(JsonFile.Options) { WriteIndented = false });

    private static string Hash(ImageModel network)
    {
        using var scope = NewDisposeScope();
        using var state = StateDict.Of(network.State);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var tensor in state.Values) hash.AppendData(tensor.contiguous().bytes);
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private sealed record TrainedNetwork(string Architecture, int ClassCount, GradientFlow Flow);
}
