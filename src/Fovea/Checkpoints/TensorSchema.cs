using System.Globalization;

namespace Fovea.Checkpoints;

/// <summary>
/// The schema number of a file of tensors that is Fovea's own (evidence, shards, draws, states of trainings), in the file's metadata.
/// Weights have none: they are in others' formats.
/// </summary>
public static class TensorSchema
{
    /// <summary>The key in the metadata.</summary>
    public const string Key = "schema";

    /// <summary>Metadata with a schema number.</summary>
    /// <param name="schema">The number.</param>
    /// <param name="others">What else the file says.</param>
    public static IReadOnlyDictionary<string, string> Of(int schema, params (string Key, string Value)[] others)
    {
        ArgumentNullException.ThrowIfNull(others);
        var metadata = new Dictionary<string, string> { [Key] = schema.ToString(CultureInfo.InvariantCulture) };
        foreach (var (key, value) in others) metadata.Add(key, value);
        return metadata;
    }

    /// <summary>Refuses a file of another schema.</summary>
    /// <exception cref="FoveaException">Data: it says another number, or none.</exception>
    public static void Require(SafetensorsFile file, int schema)
    {
        ArgumentNullException.ThrowIfNull(file);
        SchemaNumber.Require(file.Metadata.GetValueOrDefault(Key), schema, file.Path);
    }
}
