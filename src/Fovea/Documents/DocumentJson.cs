using System.Text.Json;
using Fovea.IO;

namespace Fovea.Documents;

/// <summary>
/// How documents look as JSON: as every file of a run folder (<see cref="JsonFile.Options"/>), and read strictly: no member twice, none
/// missing, no null where none belongs.
/// </summary>
public static class DocumentJson
{
    /// <summary>The options of documents: indented, a final newline is the file's.</summary>
    public static JsonSerializerOptions Options { get; } = new(JsonFile.Options)
    {
        AllowDuplicateProperties = false,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
    };

    /// <summary>The same, one document a line.</summary>
    public static JsonSerializerOptions LineOptions { get; } = new(Options) { WriteIndented = false };
}
