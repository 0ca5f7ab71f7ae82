using System.Text.RegularExpressions;
using Fovea.Tests.Shared;
using Xunit;

namespace Fovea.Tests.DocumentFormats;

/// <summary>What is written as JSON into a run folder is a document: no writer makes up members on the spot.</summary>
public sealed partial class WriterTests
{
    // What only a continuation reads, what others than Fovea define, the curves of any history, and a note for people.
    private static readonly string[] Others =
        ["IO/JsonFile.cs", "Dictionaries/Sparse/AutoencoderFile.cs", "Dictionaries/SaeLens/SaeLensFile.cs",
            "Documents/SaeConfiguration.cs"];

    [Fact]
    public void No_anonymous_object_is_written_and_json_files_go_through_documents()
    {
        string source = Path.Combine(Checkout.Root, "src", "Fovea");
        foreach (string file in Directory.EnumerateFiles(source, "*.cs", SearchOption.AllDirectories)
            .Where(file => !file.Contains("/obj/", StringComparison.Ordinal) && !file.Contains("/bin/", StringComparison.Ordinal)))
        {
            string name = Path.GetRelativePath(source, file).Replace('\\', '/'), text = File.ReadAllText(file);
            Assert.False(Anonymous().IsMatch(text), $"{name} writes an anonymous object.");
            if (!Others.Contains(name))
                Assert.False(Undocumented().IsMatch(text), $"{name} writes or reads JSON that is no document: use DocumentFile.");
        }
    }

    [Fact]
    public void The_pattern_finds_an_anonymous_object_in_a_writer()
    {
        Assert.Matches(Anonymous(), "JsonFile.Write(path, new { a = 1 });");
        Assert.Matches(Anonymous(), "DocumentFile.Write(Path.Combine(a, \"b\"), new\n        {\n");
        Assert.DoesNotMatch(Anonymous(), "DocumentFile.Write(path, new DamagedImages(all));");
        Assert.Matches(Undocumented(), "JsonFile.Read<Thing>(path)");
    }

    [GeneratedRegex(@"(JsonFile|DocumentFile|JsonSerializer)\.\w+(<\w+>)?\([^;]*?\bnew\s*\{")]
    private static partial Regex Anonymous();

    [GeneratedRegex(@"\bJsonFile\.(Write|Read|WriteLines|ReadLines)\b")]
    private static partial Regex Undocumented();
}
