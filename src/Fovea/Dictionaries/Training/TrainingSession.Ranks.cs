using System.Text.Json;
using Fovea.Dictionaries.Kernels;
using Fovea.Dictionaries.Sparse;
using Fovea.Distributed;
using Fovea.IO;
using static TorchSharp.torch;

namespace Fovea.Dictionaries.Training;

// One training by several processes: each has its shards of every batch, and all have the same parameters.
internal sealed partial class TrainingSession
{
    /// <summary>The rows of a step that this process learns from: from which on, and how many.</summary>
    public (int First, int Count) Share(long step) => _shards?.Share(Plan.RowsIn(step)) ?? (0, Plan.RowsIn(step));

    /// <summary>Whether to leave before the next step: where several processes train, all after the step before which one of them was told to.</summary>
    /// <param name="told">Whether this process was.</param>
    public bool Leaves(bool told)
    {
        if (_shards is null || _ranks.Count == 1) return told;
        _shards.Leaves = told;
        return _shards.AnyLeaves;
    }

    /// <summary>Gives the others what the first process starts from or goes on from.</summary>
    /// <exception cref="FoveaException">Data: a process has other vectors or options than the first one.</exception>
    public void ShareStart()
    {
        if (_ranks.Count == 1) return;
        byte[] own = _ranks.Rank == 0 ? JsonSerializer.SerializeToUtf8Bytes(State(), JsonFile.Options) : [];
        var state = JsonSerializer.Deserialize<TrainingCheckpoint>(_ranks.FromFirst(own), JsonFile.Options)!;
        bool same = state.Fingerprint == _fingerprint;
        // All or none go on: who threw alone would leave the others waiting.
        if (_ranks.Any(!same))
            throw FoveaException.BadData(
                $"{_options.Title}: process {_ranks.Rank} of {_ranks.Count} {(same ? "agrees with the first one, another does not" : "does not see what the first one sees")}: "
                    + "all need the same run folder, with the same vectors and the same recipe.");
        using var scope = NewDisposeScope();
        using var frozen = no_grad();
        foreach (var (_, parameter) in _autoencoder.StoredParameters.OrderBy(pair => pair.Key, StringComparer.Ordinal))
            parameter.copy_(Broadcast(parameter.cpu().contiguous()));
        var optimizer = _stepper.ExportState();
        foreach (var (_, tensor) in optimizer.OrderBy(pair => pair.Key, StringComparer.Ordinal)) Broadcast(tensor);
        if (_ranks.Rank != 0)
        {
            (Steps, _scale, _outliers, _metrics) = (state.Step, state.Scale, state.Outliers, AutoencoderMetrics.Restore(state.Metrics));
            _stepper.ImportState(optimizer);
            _stepper.Refresh();
        }
        foreach (var tensor in optimizer.Values) tensor.Dispose();
    }

    /// <summary>The first process's numbers in the place of this one's.</summary>
    private unsafe Tensor Broadcast(Tensor tensor)
    {
        long bytes = tensor.numel() * tensor.ElementSize;
        if (bytes == 0) return tensor;
        // Native memory: it does not move.
        using var flat = tensor.view(-1);
        using var first = flat.narrow(0, 0, 1);
        fixed (byte* start = first.bytes) _ranks.Broadcast(start, bytes);
        return tensor;
    }

    /// <exception cref="FoveaException">Configuration: several processes need shards, and as many.</exception>
    internal static BatchShards? ShardsOf(AutoencoderOptions options, IRanks ranks)
    {
        if (options.Shards is { } shards) return new BatchShards(shards, ranks);
        if (ranks.Count == 1) return null;
        throw FoveaException.BadConfiguration(
            $"{options.Title} has no shards, so {ranks.Count} processes cannot share its batches: give its recipe shards, a power of two "
                + $"from {ranks.Count} on (--set dictionary.0.shards={Math.Max(4, ranks.Count)}).");
    }
}
