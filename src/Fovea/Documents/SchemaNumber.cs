using System.Globalization;

namespace Fovea.Documents;

/// <summary>What is said where a file's schema number is not the one that this program reads.</summary>
internal static class SchemaNumber
{
    /// <summary>Refuses a file of another schema.</summary>
    /// <param name="found">The number in the file, as it is written there; null: none.</param>
    /// <param name="current">The number that this program reads.</param>
    /// <param name="name">What to call the file.</param>
    /// <exception cref="FoveaException">Data: another number, or none.</exception>
    public static void Require(string? found, int current, string name)
    {
        if (found is null)
            throw FoveaException.BadData(
                $"Cannot read {name}: it says no schema number. A version of Fovea before schema numbers wrote it, or it is another file.");
        if (found != current.ToString(CultureInfo.InvariantCulture))
            throw FoveaException.BadData(
                $"{name} has schema {found}; this version of Fovea reads schema {current}. Read it with the version that wrote it, or "
                    + $"make it again with this one.");
    }
}
