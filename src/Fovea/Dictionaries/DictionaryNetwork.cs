using Fovea.Models;

namespace Fovea.Dictionaries;

/// <summary>
/// A dictionary knows the network whose activations it was made from, so that it is not taken for one of another network with a layer of
/// that name.
/// </summary>
public static class DictionaryNetwork
{
    /// <summary>Throws where a dictionary is known to be of another network.</summary>
    /// <param name="dictionary">The dictionary.</param>
    /// <param name="network">The fingerprint of the network it is to be used on (<see cref="ModelFingerprint"/>); null: not known.</param>
    /// <exception cref="FoveaException">Configuration: it was made from another one.</exception>
    public static void RequireNetwork(this IFeatureDictionary dictionary, string? network)
    {
        ArgumentNullException.ThrowIfNull(dictionary);
        if (network is null || dictionary.Network is not { } own || own == network) return;
        throw FoveaException.BadConfiguration(
            $"A dictionary '{dictionary.Name}' was made from network {ModelFingerprint.Short(own)} and cannot be used on network "
            + $"{ModelFingerprint.Short(network)} (other weights, another form or other preprocessing): use it on its own network, or "
                + $"take a dictionary of this one.");
    }

    /// <summary>
    /// Throws where one of several dictionaries is known to be of another network. The network is read only where a dictionary knows its
    /// own.
    /// </summary>
    /// <param name="dictionaries">The dictionaries.</param>
    /// <param name="model">The network they are to be used on.</param>
    /// <exception cref="FoveaException">Configuration: one was made from another network.</exception>
    public static void RequireNetwork(this IEnumerable<IFeatureDictionary> dictionaries, ImageModel model)
    {
        ArgumentNullException.ThrowIfNull(dictionaries);
        ArgumentNullException.ThrowIfNull(model);
        IFeatureDictionary[] known = [.. dictionaries.Where(one => one.Network is not null)];
        if (known.Length == 0) return;
        string network = ModelFingerprint.Of(model);
        foreach (IFeatureDictionary dictionary in known) dictionary.RequireNetwork(network);
    }
}
