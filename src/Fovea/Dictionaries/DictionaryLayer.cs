namespace Fovea.Dictionaries;

/// <summary>A dictionary knows the layer it was made from, so that it is not taken for one of another layer of as many channels.</summary>
public static class DictionaryLayer
{
    /// <summary>Throws where a dictionary is known to be of another layer.</summary>
    /// <param name="dictionary">The dictionary.</param>
    /// <param name="layer">The layer it is to be used on.</param>
    /// <exception cref="FoveaException">Configuration: it was made from another one.</exception>
    public static void RequireLayer(this IFeatureDictionary dictionary, string layer)
    {
        ArgumentNullException.ThrowIfNull(dictionary);
        ArgumentException.ThrowIfNullOrEmpty(layer);
        if (dictionary.Layer is { } own && own != layer)
            throw FoveaException.BadConfiguration(
                $"A dictionary '{dictionary.Name}' was made from layer {own} and cannot be used on layer {layer}: use it there, or take "
                    + $"one of {layer}.");
    }

    /// <summary>The layer of a dictionary that is used without naming one.</summary>
    /// <param name="dictionary">The dictionary.</param>
    /// <exception cref="FoveaException">Configuration: it does not know.</exception>
    public static string KnownLayer(this IFeatureDictionary dictionary)
    {
        ArgumentNullException.ThrowIfNull(dictionary);
        return dictionary.Layer
            ?? throw FoveaException.BadConfiguration(
                $"A dictionary '{dictionary.Name}' does not know its layer (it was made from vectors of none, or comes from elsewhere): "
                    + $"name the layer.");
    }
}
