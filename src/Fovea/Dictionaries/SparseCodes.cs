using System.Runtime.InteropServices;
using Fovea.Dictionaries.Kernels;
using static TorchSharp.torch;

namespace Fovea.Dictionaries;

/// <summary>
/// Codes of some vectors as compressed sparse rows, the one form that codes have: the active latents of vector r are
/// <c>Latents[RowOffsets[r] … RowOffsets[r + 1]]</c>, ascending, and their activations the <see cref="Values"/> there, none of them zero.
/// Either they own their memory, or it is that of the <see cref="CodeStream"/> that gave them, good until its next batch. Where tensors are
/// needed they are a view of it:
/// <see cref="Tensors"/> and <see cref="ToDense"/>.
/// </summary>
public sealed unsafe class SparseCodes : IDisposable
{
    private readonly SparseEntries? _entries;
    private readonly int _rows;
    private CodeTensors? _tensors, _inMemory;

    /// <summary>Codes over the given tensors, which this object owns from now on.</summary>
    /// <param name="rowOffsets">int64 <c>[rows + 1]</c>, from 0 to the number of entries, never falling.</param>
    /// <param name="latents">int32 <c>[entries]</c>, ascending inside a row.</param>
    /// <param name="values">float <c>[entries]</c>.</param>
    /// <param name="latentCount">Length of a dense code.</param>
    /// <exception cref="ArgumentException">The tensors are not one-dimensional, of these lengths and of these types.</exception>
    public SparseCodes(Tensor rowOffsets, Tensor latents, Tensor values, int latentCount)
    {
        ArgumentNullException.ThrowIfNull(rowOffsets);
        ArgumentNullException.ThrowIfNull(latents);
        ArgumentNullException.ThrowIfNull(values);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(latentCount);
        if (rowOffsets.dim() != 1 || latents.dim() != 1 || values.dim() != 1 || rowOffsets.shape[0] < 1
            || latents.shape[0] != values.shape[0])
            throw new ArgumentException(
                "Row offsets, latents and values must be one-dimensional, and there are as many latents as values.");
        if (rowOffsets.dtype != ScalarType.Int64 || latents.dtype != ScalarType.Int32 || !values.is_floating_point())
            throw new ArgumentException("Row offsets must be int64, latents int32 and values floating-point numbers.");
        (_tensors, LatentCount, _rows) = (new CodeTensors(rowOffsets, latents, values), latentCount, checked((int)rowOffsets.shape[0] - 1));
    }

    /// <summary>Codes in the memory of kernels; <see cref="RowCount"/> is theirs.</summary>
    internal SparseCodes(SparseEntries entries, int latentCount) => (_entries, LatentCount) = (entries, latentCount);

    /// <summary>The place of the first vector among the rows that a stream was asked for.</summary>
    public long First { get; internal set; }

    /// <summary>Number of vectors, those without an active latent included.</summary>
    public int RowCount => _entries?.Rows ?? _rows;

    /// <summary>Length of a dense code.</summary>
    public int LatentCount { get; }

    /// <summary>Number of active entries.</summary>
    public long EntryCount => _entries?.Count ?? _tensors!.Values.shape[0];

    /// <summary>Where each vector's entries start, <c>[RowCount + 1]</c>; the last is their number.</summary>
    public ReadOnlySpan<long> RowOffsets =>
        _entries is not null ? new(_entries.RowStart, _entries.Rows + 1) : MemoryMarshal.Cast<byte, long>(Local.RowOffsets.bytes);

    /// <summary>The latent of each entry, <c>[entries]</c>.</summary>
    public ReadOnlySpan<int> Latents =>
        _entries is not null ? new(_entries.Latent, checked((int)_entries.Count)) : MemoryMarshal.Cast<byte, int>(Local.Latents.bytes);

    /// <summary>The activation of each entry, <c>[entries]</c>; rounded where they are of another type than float32.</summary>
    public ReadOnlySpan<float> Values =>
        _entries is not null ? new(_entries.Code, checked((int)_entries.Count)) : MemoryMarshal.Cast<byte, float>(Local.Values.bytes);

    /// <summary>
    /// The same as tensors, where the codes were computed and in that float type; owned by this object. Of a stream's batch they are a
    /// copy.
    /// </summary>
    public CodeTensors Tensors => _tensors ??= CopyEntries();

    /// <summary>
    /// Each latent's largest pre-activation over the rows of each image, padded with minus infinity to a multiple of 32 latents; null where
    /// none was asked for.
    /// </summary>
    internal PreActivationPeaks? Peaks { get; set; }

    /// <summary>
    /// Scale and shift of each vector's way back, <c>[RowCount, 2]</c>, where a dictionary brings each to a scale of its own
    /// (<see cref="Sparse.InputNormalization"/>); null where none does.
    /// </summary>
    internal double[]? Frames { get; set; }

    /// <summary>Whether somebody asks for gradients of the values.</summary>
    internal bool RequireGradients => _tensors?.Values.requires_grad ?? false;

    /// <summary>The tensors in main memory, values in float32.</summary>
    private CodeTensors Local => _inMemory ??= Tensors.InMainMemory();

    /// <summary>The active entries of a dense code <c>[rows, latents]</c>.</summary>
    public static SparseCodes FromDense(Tensor dense)
    {
        ArgumentNullException.ThrowIfNull(dense);
        if (dense.dim() != 2)
            throw new ArgumentException($"Dense codes are [rows, latents], not {dense.dim()}-dimensional.", nameof(dense));
        using var scope = NewDisposeScope();
        long rows = dense.shape[0], latents = dense.shape[1];
        var flat = dense.reshape(-1);
        var active = flat.ne(0);
        var place = active.nonzero().flatten();
        // Row-major order of nonzero is the order promised above.
        var latentOf = place.remainder(latents).to_type(ScalarType.Int32);
        var offsets = cat([zeros([1], int64, dense.device), active.view(rows, latents).sum([1L]).cumsum(0)]);
        return new SparseCodes(
            offsets.MoveToOuterDisposeScope(), latentOf.MoveToOuterDisposeScope(), flat.index_select(0, place)
                .MoveToOuterDisposeScope(), checked((int)latents));
    }

    /// <summary>A copy that owns its memory.</summary>
    public SparseCodes Copy()
    {
        var copied = _entries is not null ? CopyEntries() : Tensors.Copy();
        return new SparseCodes(copied.RowOffsets, copied.Latents, copied.Values, LatentCount) { First = First, Frames = Frames };
    }

    /// <summary>
    /// The codes as a new tensor <c>[RowCount, LatentCount]</c>, zero where nothing is active; differentiable in the values of
    /// <see cref="Tensors"/>.
    /// </summary>
    public Tensor ToDense()
    {
        using var scope = NewDisposeScope();
        var (_, latents, values) = Tensors;
        var flat = zeros([(long)RowCount * LatentCount], values.dtype, values.device);
        return flat.scatter(0, Tensors.Rows() * LatentCount + latents, values).view(RowCount, LatentCount).MoveToOuterDisposeScope();
    }

    /// <summary>Frees what it owns; a stream's memory is the stream's.</summary>
    public void Dispose()
    {
        DisposeTensors();
        GC.SuppressFinalize(this);
    }

    /// <summary>Forgets the tensors of a stream's earlier batch.</summary>
    internal void Renew() => DisposeTensors();

    private void DisposeTensors()
    {
        _tensors?.Dispose();
        _inMemory?.Dispose();
        (_tensors, _inMemory) = (null, null);
    }

    private CodeTensors CopyEntries()
    {
        using var scope = NewDisposeScope();
        long rows = RowCount, count = EntryCount;
        Tensor offsets = empty([rows + 1], int64), latents = empty([count], int32), values = empty([count], float32);
        RowOffsets.CopyTo(MemoryMarshal.Cast<byte, long>(offsets.bytes));
        Latents.CopyTo(MemoryMarshal.Cast<byte, int>(latents.bytes));
        Values.CopyTo(MemoryMarshal.Cast<byte, float>(values.bytes));
        return new CodeTensors(offsets.DetachFromDisposeScope(), latents.DetachFromDisposeScope(), values.DetachFromDisposeScope());
    }
}
