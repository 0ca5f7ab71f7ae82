using Fovea.Checkpoints;

namespace Fovea.Runs.Stages;

/// <summary>
/// What one part of a stage found and others go on with: a file of tensors in scratch. One that is missing, damaged or of another version
/// is as if it were not there: what is in it can be found again.
/// </summary>
internal static class KeptTensors
{
    /// <summary>Writes the file, whole or not at all.</summary>
    /// <exception cref="FoveaException">Resource: the place cannot be written.</exception>
    public static void Write(string path, int schema, IEnumerable<SafetensorsEntry> entries) =>
        Safetensors.Write(path, entries, TensorSchema.Of(schema));

    /// <summary>What is in the file; null where it cannot be had.</summary>
    public static T? Find<T>(string path, int schema, Func<SafetensorsFile, T> read)
        where T : class
    {
        if (!File.Exists(path)) return null;
        try
        {
            using var file = SafetensorsFile.Open(path);
            TensorSchema.Require(file, schema);
            return read(file);
        }
        catch (Exception e) when (e is FoveaException or ArgumentException or IndexOutOfRangeException or OverflowException or KeyNotFoundException)
        {
            return null; // tensors that are missing or do not fit each other
        }
    }
}
