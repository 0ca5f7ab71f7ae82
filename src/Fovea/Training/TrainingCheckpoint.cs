using Fovea.Checkpoints;
using Fovea.IO;
using Fovea.Models;
using static TorchSharp.torch;

namespace Fovea.Training;

/// <summary>
/// The folder <c>resume/</c>. A checkpoint is a file of tensors under a new name and then <c>resume.json</c>, which names it, by one
/// rename: killed at any moment, the folder holds the old checkpoint or the new one. What nobody names any more is deleted afterwards.
/// </summary>
internal sealed class TrainingCheckpoint(string folder)
{
    private const string WeightsPrefix = "model.", MomentsPrefix = "adam.";

    private readonly string _folder = folder;

    private string StatePath => Path.Combine(_folder, "resume.json");

    public void Save(TrainingState state, ImageModel network, Adam adam)
    {
        string name = $"state-{state.Epoch:D4}-{state.Batch:D8}.safetensors";
        var moments = adam.ExportState();
        try
        {
            var tensors = new Dictionary<string, Tensor>(StringComparer.Ordinal);
            foreach (var (key, value) in network.State) tensors.Add(WeightsPrefix + key, value);
            foreach (var (key, value) in moments) tensors.Add(MomentsPrefix + key, value);
            Safetensors.Write(Path.Combine(_folder, name), tensors, TensorSchema.Of(TrainingState.CurrentSchema));
        }
        finally
        {
            foreach (var moment in moments.Values) moment.Dispose();
        }
        DocumentFile.Write(StatePath, state with { Tensors = name });
        DeleteAllBut(name);
    }

    /// <summary>The state to go on from, with the tensors put into place; null where there is none.</summary>
    /// <exception cref="FoveaException">The checkpoint is damaged or belongs to another training.</exception>
    public TrainingState? Load(IReadOnlyDictionary<string, string> settings, ImageModel network, Adam adam)
    {
        if (!File.Exists(StatePath)) return null;
        var state = DocumentFile.Read<TrainingState>(StatePath);
        string[] changed =
            [.. settings.Keys.Union(state.Settings.Keys)
                .Where(key => settings.GetValueOrDefault(key) != state.Settings.GetValueOrDefault(key))];
        if (changed.Length > 0)
        {
            throw FoveaException.BadConfiguration(
                $"{_folder} holds a training with other settings: " + string.Join("; ", changed.Select(key =>
                $"{key} was {state.Settings.GetValueOrDefault(key, "absent")}, is {settings.GetValueOrDefault(key, "absent")}"))
                + ". Go back to those settings, or delete the folder to start again.");
        }
        string path = Path.Combine(_folder, state.Tensors);
        try
        {
            using var tensors = StateDict.Load(path);
            using var scope = NewDisposeScope();
            network.CopyFrom(new StateDict(Part(tensors, WeightsPrefix)), path); // shares the tensors of the line above
            adam.ImportState(Part(tensors, MomentsPrefix));
        }
        catch (FoveaException e) when (e.Kind == FailureKind.Data)
        {
            throw FoveaException.BadData($"The state of an interrupted training cannot be read: {e.Message} Delete {_folder} to start anew.", e);
        }
        DeleteAllBut(state.Tensors);
        return state;
    }

    private static Dictionary<string, Tensor> Part(StateDict tensors, string prefix) =>
        tensors.Where(pair => pair.Key.StartsWith(prefix, StringComparison.Ordinal))
            .ToDictionary(pair => pair.Key[prefix.Length..], pair => pair.Value);

    private void DeleteAllBut(string name)
    {
        foreach (string path in Directory.EnumerateFiles(_folder, "state-*").Where(path => Path.GetFileName(path) != name).ToArray())
            Removal.Of(path);
    }
}
