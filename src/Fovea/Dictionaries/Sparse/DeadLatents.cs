using Fovea.Dictionaries.Kernels;
using static TorchSharp.torch;

namespace Fovea.Dictionaries.Sparse;

/// <summary>
/// For how many training vectors each latent has been silent. A latent is dead once that is more than a limit: counted in vectors, so that
/// it does not depend on the batch size.
/// </summary>
internal sealed class DeadLatents(int latents, long limit)
{
    /// <summary>The state's name among an optimiser's tensors: int64 <c>[n]</c>.</summary>
    public const string StateName = "silent";

    private readonly long[] _silent = new long[latents];

    /// <summary>The latents that are dead now, ascending.</summary>
    public int[] List { get; private set; } = [];

    /// <summary>Counts a batch.</summary>
    /// <param name="fired">Not 0 for each latent that was active.</param>
    /// <param name="rows">Vectors of the batch.</param>
    public void Count(ReadOnlySpan<byte> fired, int rows)
    {
        for (int i = 0; i < _silent.Length; i++) _silent[i] = fired[i] != 0 ? 0 : _silent[i] + rows;
        Refresh();
    }

    /// <summary>A copy of the counts; the caller owns it.</summary>
    public Tensor Export() => tensor((long[])_silent.Clone());

    /// <summary>Takes over what <see cref="Export"/> gave; a state without it counts from zero.</summary>
    /// <exception cref="FoveaException">Data: the counts are of another type or of another number of latents.</exception>
    public void Import(IReadOnlyDictionary<string, Tensor> state)
    {
        if (!state.TryGetValue(StateName, out var counts)) return;
        StateTensors.Check(counts, StateName, ScalarType.Int64, _silent.Length).data<long>().ToArray().CopyTo(_silent, 0);
        Refresh();
    }

    /// <summary>Called in every step, where mostly none is dead.</summary>
    private void Refresh()
    {
        int dead = 0;
        foreach (long silent in _silent) dead += silent > limit ? 1 : 0;
        if (dead == 0)
        {
            List = [];
            return;
        }
        int[] list = new int[dead];
        for (int i = 0, at = 0; i < _silent.Length; i++)
        {
            if (_silent[i] > limit) list[at++] = i;
        }
        List = list;
    }
}
