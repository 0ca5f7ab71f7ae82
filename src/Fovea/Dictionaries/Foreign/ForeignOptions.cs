namespace Fovea.Dictionaries.Foreign;

/// <summary>What files of other libraries leave out and their readers have to be told.</summary>
public sealed record ForeignOptions
{
    /// <summary>Nothing is said.</summary>
    public static ForeignOptions None { get; } = new();

    /// <summary>The number that activations were multiplied by in training, where it is not in the weights yet.</summary>
    public double? InputScale { get; init; }

    /// <summary>The variant (<see cref="Sparse.AutoencoderVariants"/>), where tensors alone do not say it.</summary>
    public string? Architecture { get; init; }

    /// <summary>k, where the file does not hold it.</summary>
    public int? K { get; init; }

    /// <summary>θ of a BatchTopK of overcomplete, which its state dict leaves out (<c>running_threshold</c>).</summary>
    public double? Threshold { get; init; }

    /// <summary>How overcomplete brings its dictionary to a length: <c>l2</c> (its default and what null means), <c>max_l2</c>, <c>l1</c>,
    /// <c>max_l1</c> or <c>identity</c>.</summary>
    public string? Normalization { get; init; }

    /// <summary>δ of an archetypal dictionary of overcomplete, how far its directions may stand off the hull of its points; null: 1, its
    /// default.</summary>
    public double? Delta { get; init; }
}

/// <summary>An autoencoder from elsewhere; the caller disposes it.</summary>
/// <param name="Autoencoder">The same codes as where it comes from, on raw vectors.</param>
/// <param name="Library">Whose form its file has: <c>saelens</c>, <c>dictionary_learning</c>, <c>overcomplete</c> or <c>saev</c>.</param>
/// <param name="Notes">What was decided and might surprise, in sentences.</param>
public sealed record ForeignDictionary(Sparse.SparseAutoencoder Autoencoder, string Library, IReadOnlyList<string> Notes) : IDisposable
{
    /// <inheritdoc/>
    public void Dispose() => Autoencoder.Dispose();
}
