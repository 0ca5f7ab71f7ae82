using Fovea.Activations;

namespace Fovea.Dictionaries.Plain;

/// <summary>One plain dictionary in the catalogue.</summary>
/// <param name="Name">Its name in recipes.</param>
/// <param name="Meaning">For people: what it is.</param>
/// <param name="AtMostInputSize">It has at most d directions.</param>
/// <param name="Fit">Fits one to rows of a source; the caller disposes it.</param>
public sealed record BaselineDictionary(
    string Name, string Meaning, bool AtMostInputSize,
        Func<IVectorSource, RowSet, BaselineOptions, CancellationToken, FittedDictionary> Fit);

/// <summary>The plain dictionaries that sparse autoencoders must beat, by name. Adding one is a file and a line here.</summary>
public static class BaselineDictionaries
{
    /// <summary>Every plain dictionary, the simplest first.</summary>
    public static IReadOnlyList<BaselineDictionary> All { get; } =
    [
        new(NeuronBasis.DictionaryName, "the activations as they are", true, NeuronBasis.Fit),
        new(RandomDirections.DictionaryName, "random directions", false, RandomDirections.Fit),
        new(PrincipalComponents.DictionaryName, "principal components", true, PrincipalComponents.Fit),
        new(IndependentComponents.DictionaryName, "independent components (FastICA)", true, IndependentComponents.Fit),
        new(KMeans.DictionaryName, "the nearest of n centroids", false, KMeans.Fit),
        new(NonNegativeFactorization.DictionaryName, "non-negative matrix factorisation", false, NonNegativeFactorization.Fit),
        new(SemiNonNegativeFactorization.DictionaryName, "semi-non-negative matrix factorisation", false, SemiNonNegativeFactorization.Fit),
    ];

    /// <summary>The dictionary called <paramref name="name"/> (case does not matter).</summary>
    /// <exception cref="FoveaException">Configuration: there is none; the message lists the names.</exception>
    public static BaselineDictionary Get(string name) =>
        All.FirstOrDefault(dictionary => string.Equals(dictionary.Name, name, StringComparison.OrdinalIgnoreCase))
        ?? throw FoveaException.BadConfiguration(
            $"There is no plain dictionary '{name}'. They are: {string.Join(", ", All.Select(dictionary => dictionary.Name))}.");

    /// <summary>
    /// Fits the dictionary called <paramref name="name"/>. So that one set of options serves all, a dictionary with at most d directions
    /// gets min(n, d) of them (the basis of neurons always d) and keeps min(k, n); its own <c>Fit</c> refuses instead.
    /// </summary>
    /// <param name="name">One of <see cref="All"/>.</param>
    /// <param name="source">The vectors.</param>
    /// <param name="rows">Rows to fit to.</param>
    /// <param name="options">Settings; null for the defaults.</param>
    /// <param name="cancellation">Stops the fit.</param>
    /// <returns>Owned by the caller.</returns>
    /// <exception cref="FoveaException">Configuration: there is no such dictionary or an option cannot be used. Data, Numerical: as the
    /// dictionary's <c>Fit</c>.</exception>
    public static FittedDictionary Fit(
        string name, IVectorSource source, RowSet rows, BaselineOptions? options = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(source);
        var dictionary = Get(name);
        options ??= new BaselineOptions();
        if (dictionary.AtMostInputSize)
        {
            // The basis of neurons is whole or not at all. ICA takes null as "as many as vary".
            int? latents = options.LatentSize < source.Dimension && dictionary.Name != NeuronBasis.DictionaryName
                ? options.LatentSize : null;
            options = options with { LatentSize = latents, K = options.K is { } k ? Math.Min(k, latents ?? source.Dimension) : null };
        }
        var fitted = dictionary.Fit(source, rows, options, cancellation);
        (fitted.Layer, fitted.Network) = (source.Layer, source.Network);
        return fitted;
    }
}
