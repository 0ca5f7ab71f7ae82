using static TorchSharp.torch;

namespace Fovea.Dictionaries.Plain;

/// <summary>
/// A plain dictionary after its fit: x̂ = f D + o, with directions D <c>[n, d]</c> and, for dictionaries that take the mean away, the
/// offset o. Codes and reconstructions are float32. Made by each type's <c>Fit</c>, or by name through <see cref="BaselineDictionaries"/>.
/// </summary>
public abstract class FittedDictionary : IFeatureDictionary
{
    private Tensor _directions;
    private Tensor? _offset;
    private Tensor? _encoder;
    private bool _disposed;

    /// <summary>Copies what the fit found to float32 that outlives every dispose scope.</summary>
    /// <param name="name">Name in the catalogue.</param>
    /// <param name="directions"><c>[n, d]</c>.</param>
    /// <param name="offset">o, <c>[d]</c>; null is zero.</param>
    /// <param name="encoder">A linear encoder, <c>[d, n]</c>, of dictionaries that have one.</param>
    /// <param name="k">Active latents a vector at most; null for all.</param>
    private protected FittedDictionary(string name, Tensor directions, Tensor? offset, Tensor? encoder, int? k)
    {
        (Name, LatentSize, InputSize) = (name, checked((int)directions.shape[0]), checked((int)directions.shape[1]));
        K = k;
        using var scope = NewDisposeScope();
        _directions = Own(directions);
        _offset = offset is null ? null : Own(offset);
        _encoder = encoder is null ? null : Own(encoder);
    }

    /// <inheritdoc/>
    public string Name { get; }

    /// <inheritdoc/>
    public string? Layer { get; internal set; }

    /// <inheritdoc/>
    public string? Network { get; internal set; }

    /// <inheritdoc/>
    public int InputSize { get; }

    /// <inheritdoc/>
    public int LatentSize { get; }

    /// <summary>
    /// Active latents a vector at most; null for no limit. No fit depends on it: the same directions may be asked for other numbers.
    /// </summary>
    /// <exception cref="FoveaException">Configuration: it is above n.</exception>
    public int? K
    {
        get;
        set
        {
            if (value > LatentSize)
                throw FoveaException.BadConfiguration($"k = {value} is more than the {LatentSize} directions of '{Name}'.");
            field = value;
        }
    }

    /// <inheritdoc/>
    public Tensor Directions => _directions;

    /// <summary>
    /// What every reconstruction starts from, <c>[d]</c>: the mean of the fitted vectors; null where it is zero. Owned by the dictionary.
    /// </summary>
    public Tensor? Offset => _offset;

    private protected Tensor Encoder => _encoder!;

    /// <inheritdoc/>
    /// <exception cref="ArgumentException"><paramref name="x"/> is not <c>[rows, d]</c>.</exception>
    public SparseCodes Encode(Tensor x)
    {
        using var dense = EncodeDense(x);
        return SparseCodes.FromDense(dense);
    }

    /// <summary>The codes as a dense tensor.</summary>
    /// <param name="x"><c>[rows, d]</c>.</param>
    /// <returns><c>[rows, n]</c>, without gradients, owned by the caller.</returns>
    /// <exception cref="ArgumentException"><paramref name="x"/> is not <c>[rows, d]</c>.</exception>
    public Tensor EncodeDense(Tensor x)
    {
        ArgumentNullException.ThrowIfNull(x);
        if (x.dim() != 2 || x.shape[1] != InputSize)
            throw new ArgumentException($"Vectors must be [rows, {InputSize}], not [{string.Join(", ", x.shape)}].", nameof(x));
        using var scope = NewDisposeScope();
        using var frozen = no_grad();
        // A copy: a dictionary whose codes are the vectors must not hand out the caller's own tensor.
        var centred = _offset is null ? x.to_type(ScalarType.Float32, copy: true) : x.to_type(ScalarType.Float32) - _offset;
        return Codes(centred).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The codes are of another length.</exception>
    public Tensor Decode(SparseCodes codes)
    {
        ArgumentNullException.ThrowIfNull(codes);
        if (codes.LatentCount != LatentSize)
            throw new ArgumentException($"Codes must be of {LatentSize} latents, not {codes.LatentCount}.", nameof(codes));
        using var scope = NewDisposeScope();
        using var frozen = no_grad();
        var sum = Combine(codes.ToDense());
        return (_offset is null ? sum : sum.add_(_offset)).MoveToOuterDisposeScope();
    }

    /// <summary>Moves it to another device; vectors must then be there.</summary>
    public void MoveTo(Device device)
    {
        ArgumentNullException.ThrowIfNull(device);
        _directions = Move(_directions)!;
        _offset = Move(_offset);
        _encoder = Move(_encoder);

        Tensor? Move(Tensor? old)
        {
            if (old is null) return null;
            var moved = old.to(device);
            if (ReferenceEquals(moved, old)) return old;
            old.Dispose();
            return moved.DetachFromDisposeScope();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_disposed) return;
        _disposed = true;
        _directions.Dispose();
        _offset?.Dispose();
        _encoder?.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>
    /// Codes <c>[rows, n]</c> of vectors without the offset <c>[rows, d]</c>; both float32, inside a dispose scope and without gradients.
    /// </summary>
    private protected abstract Tensor Codes(Tensor centred);

    /// <summary>f D for dense codes.</summary>
    private protected virtual Tensor Combine(Tensor dense) => dense.matmul(_directions);

    private static Tensor Own(Tensor found) => found.to_type(ScalarType.Float32, copy: true).contiguous().DetachFromDisposeScope();
}
