using System.Text.Json;
using Fovea.Checkpoints;
using Fovea.Dictionaries.Kernels;
using Fovea.Dictionaries.Sparse;
using Fovea.IO;
using static TorchSharp.torch;

namespace Fovea.Dictionaries.Training;

/// <summary>
/// Everything a training needs to go on, in one file <c>state.safetensors</c>: parameters, Adam's moments and, as metadata, the counters,
/// the running averages and the curves so far. The file is written beside and renamed, so a kill at any moment leaves the state before
/// or the state after, never a mixture.
/// </summary>
internal sealed record TrainingCheckpoint
{
    public const string FileName = "state.safetensors";

    /// <summary>The schema number, in the file's metadata.</summary>
    private const int Schema = 1;

    private const string DeleteIt = "Delete it to start anew";

    private const string MetadataKey = "training", ParameterPrefix = "parameter.", OptimizerPrefix = "adam.";

    /// <summary><see cref="TrainingPlan.Fingerprint"/>.</summary>
    public required string Fingerprint { get; init; }

    public required long Step { get; init; }

    public required double Scale { get; init; }

    public required VectorOutliers Outliers { get; init; }

    public required AutoencoderMetrics.State Metrics { get; init; }

    public required AutoencoderHistoryLine[] History { get; init; }

    public void Write(string folder, SparseAutoencoder autoencoder, IAutoencoderStep step)
    {
        using var scope = NewDisposeScope();
        using var frozen = no_grad();
        step.Publish();
        var tensors = autoencoder.StoredParameters.ToDictionary(
            pair => ParameterPrefix + pair.Key, pair => pair.Value, StringComparer.Ordinal);
        foreach (var (name, tensor) in step.ExportState()) tensors.Add(OptimizerPrefix + name, tensor);
        Safetensors.Write(
            Path.Combine(folder, FileName), tensors,
                TensorSchema.Of(Schema, (MetadataKey, JsonSerializer.Serialize(this, JsonFile.Options))));
    }

    /// <summary>The state of a training, or null where none was left; fills the autoencoder and the optimiser.</summary>
    /// <exception cref="FoveaException">The state is damaged or belongs to another training.</exception>
    public static TrainingCheckpoint? Find(string folder, string fingerprint, SparseAutoencoder autoencoder, IAutoencoderStep step)
    {
        string path = Path.Combine(folder, FileName);
        if (!File.Exists(path)) return null;
        try
        {
            return Read(path, fingerprint, autoencoder, step);
        }
        // Of a file that somebody gave one would say: fetch it again. This one is the program's own.
        catch (FoveaException e) when (e.Kind == FailureKind.Data && !e.Message.Contains(DeleteIt, StringComparison.Ordinal))
        {
            throw FoveaException.BadData($"The state of an interrupted training cannot be read: {e.Message} {DeleteIt}: {path}", e);
        }
    }

    private static TrainingCheckpoint Read(string path, string fingerprint, SparseAutoencoder autoencoder, IAutoencoderStep step)
    {
        using var file = SafetensorsFile.Open(path);
        TensorSchema.Require(file, Schema);
        if (Parse(file, path) is not { } state)
            throw FoveaException.BadData($"{path} is not the state of an autoencoder's training. {DeleteIt}.");
        if (state.Fingerprint != fingerprint)
            throw FoveaException.BadConfiguration(
                $"{path} belongs to a training with other options or other vectors. Delete it to start anew, or go back to those options.");
        using var scope = NewDisposeScope();
        using var frozen = no_grad();
        foreach (var (name, parameter) in autoencoder.StoredParameters)
            parameter.copy_(
                StateTensors.Check(file.ToTensor(ParameterPrefix + name), ParameterPrefix + name, parameter.dtype, parameter.shape));
        step.ImportState(file.Tensors.Keys.Where(name => name.StartsWith(OptimizerPrefix, StringComparison.Ordinal))
            .ToDictionary(name => name[OptimizerPrefix.Length..], file.ToTensor, StringComparer.Ordinal));
        step.Refresh();
        return state;
    }

    private static TrainingCheckpoint? Parse(SafetensorsFile file, string path)
    {
        try
        {
            return file.Metadata.TryGetValue(MetadataKey, out string? json)
                ? JsonSerializer.Deserialize<TrainingCheckpoint>(json, JsonFile.Options) : null;
        }
        catch (JsonException e)
        {
            throw FoveaException.BadData(
                $"{path} is damaged, or of another version of the program: {e.Message} {DeleteIt}.", e);
        }
    }
}
