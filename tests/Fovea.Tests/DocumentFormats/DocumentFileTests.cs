using System.Reflection;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Xunit;

namespace Fovea.Tests.DocumentFormats;

public sealed class DocumentFileTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("fovea-documents").FullName;

    public static TheoryData<Type> Types => [.. SampleDocuments.Types];

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory, MemberData(nameof(Types))]
    public void A_document_reads_back_as_it_was_written_with_its_schema_first(Type type)
    {
        IDocument document = SampleDocuments.Of(type);
        string path = Write(document);
        Assert.Equal("schema", JsonNode.Parse(File.ReadAllText(path))!.AsObject().First().Key);
        IDocument read = Read(type, path);
        Assert.Equal(File.ReadAllBytes(path), File.ReadAllBytes(Write(read, "again")));
        Assert.Equal(
            JsonSerializer.SerializeToUtf8Bytes((object)document, DocumentJson.Options),
                JsonSerializer.SerializeToUtf8Bytes((object)read, DocumentJson.Options));
    }

    [Theory, MemberData(nameof(Types))]
    public void Another_schema_number_or_none_is_refused_whatever_else_the_document_holds(Type type)
    {
        JsonObject json = Json(SampleDocuments.Of(type));
        json["schema"] = 99;
        Assert.Contains("schema 99", Refused(type, json).Message);
        Assert.Contains("schema 99", Refused(type, new JsonObject { ["schema"] = 99 }).Message);
        json.Remove("schema");
        Assert.Contains("'schema' is missing", Refused(type, json).Message);
    }

    [Theory, MemberData(nameof(Types))]
    public void Each_required_member_that_is_missing_or_null_is_named_and_unknown_ones_are_skipped(Type type)
    {
        JsonObject whole = Json(SampleDocuments.Of(type));
        foreach (string member in Required(type))
        {
            JsonObject lacking = whole.DeepClone().AsObject();
            Assert.True(lacking.Remove(member), member);
            FoveaException error = Refused(type, lacking);
            Assert.Contains(member, error.Message);
            Assert.Contains("document.json", error.Message);
            Assert.DoesNotContain("Fovea.Documents", error.Message);
            if (whole[member] is not (JsonObject or JsonArray)) continue;
            JsonObject empty = whole.DeepClone().AsObject();
            empty[member] = null;
            Refused(type, empty);
        }
        whole["later"] = new JsonObject { ["anything"] = 1 };
        Read(type, Save(whole));
    }

    /// <summary>
    /// Every prefix of a document, and every value of it in turn replaced by values of other types: refused in a sentence, or read; never
    /// another exception.
    /// </summary>
    [Theory, MemberData(nameof(Types))]
    public void Truncated_and_hostile_documents_end_in_a_sentence(Type type)
    {
        byte[] bytes = File.ReadAllBytes(Write(SampleDocuments.Of(type)));
        string path = Path.Combine(_folder, "document.json");
        for (int length = 0; length < bytes.Length - 2; length += 1 + (bytes.Length / 150))
        {
            File.WriteAllBytes(path, bytes[..length]);
            Assert.Equal(FailureKind.Data, Assert.Throws<FoveaException>(() => Read(type, path)).Kind);
        }
        string[] hostile =
            ["null", "-1", "1e999", "99999999999999999999", "\"NaN\"", "\"\\ud800\"", "[]", "{}", "[null]", "{\"x\": null}", "true",
                "\"../../x\"", new string('[', 2000), "1 2"];
        string text = Encoding.UTF8.GetString(bytes);
        foreach (string value in hostile)
        {
            foreach (string member in Members(text))
            {
                int at = text.IndexOf(member, StringComparison.Ordinal) + member.Length, end = text.IndexOfAny(['\n', ','], at);
                File.WriteAllText(path, text[..at] + value + text[end..]);
                ReadOrRefuse(type, path);
                JsonObject replaced = JsonNode.Parse(text)!.AsObject();
                string name = member.Trim(' ', '"', ':');
                if (!replaced.ContainsKey(name) || value.Length > 20 || value is "1 2" or "1e999" or "\"\\ud800\"") continue;
                replaced[name] = JsonNode.Parse(value);
                File.WriteAllText(path, replaced.ToJsonString());
                ReadOrRefuse(type, path);
            }
        }
    }

    [Fact]
    public void Numbers_that_are_not_finite_are_null_and_null_reads_as_nan()
    {
        string path = Path.Combine(_folder, "evaluation.json");
        DocumentFile.Write(
            path, new EvaluationTable([new EvaluationRow("a", double.NaN, double.PositiveInfinity, double.NegativeInfinity, 1)]));
        string text = File.ReadAllText(path);
        Assert.DoesNotContain("NaN", text);
        Assert.DoesNotContain("Infinity", text);
        EvaluationRow row = DocumentFile.Read<EvaluationTable>(path).Rows[0];
        Assert.All([row.Top1, row.Top5, row.Loss], number => Assert.True(double.IsNaN(number)));
        File.WriteAllText(path, text.Replace("\"top1\": null", "\"top1\": \"NaN\"", StringComparison.Ordinal));
        Assert.Equal(FailureKind.Data, Assert.Throws<FoveaException>(() => DocumentFile.Read<EvaluationTable>(path)).Kind);
    }

    [Fact]
    public void A_bad_line_is_named_by_its_number()
    {
        string path = Path.Combine(_folder, "history.jsonl");
        TrainingEpoch epoch = new(1, 0.1, new SplitScores(1, 0.5, 0.9), new SplitScores(1, 0.5, 0.9));
        DocumentFile.WriteLines(path, [epoch, epoch with { Epoch = 2 }]);
        Assert.Equal([1, 2], DocumentFile.ReadLines<TrainingEpoch>(path).Select(one => one.Epoch));
        File.AppendAllText(path, "{\"schema\":1,\"epoch\":3");
        Assert.Contains("line 3", Assert.Throws<FoveaException>(() => DocumentFile.ReadLines<TrainingEpoch>(path)).Message);
    }

    [Fact]
    public void A_file_that_is_too_large_is_refused_before_it_is_read()
    {
        string path = Path.Combine(_folder, "model.json");
        using (var file = File.Create(path)) file.SetLength(DocumentFile.LargestBytes + 1);
        Assert.Contains("too many", Assert.Throws<FoveaException>(() => DocumentFile.Read<ModelDocument>(path)).Message);
    }

    [Fact]
    public void Pictures_outside_the_documents_folder_are_refused()
    {
        foreach (string file in (string[])["../x.png", "/etc/passwd", "a/../../x.png", "C:\\x.png", "", "a\0b"])
            Assert.Contains(
                "picture", Refused(
                    typeof(ClassPicturesDocument),
                        Json(new ClassPicturesDocument(
                            "paper", [new ClassPicture(1, "one", new StoredPicture(file, 0, 0, 8, 8), 1)]))).Message);
    }

    private static IEnumerable<string> Required(Type type)
    {
        IEnumerable<string> given = type.GetConstructors().OrderByDescending(one => one.GetParameters().Length).First().GetParameters()
            .Select(parameter => parameter.Name!);
        IEnumerable<string> required = type.GetProperties()
            .Where(property => property.GetCustomAttribute<System.Runtime.CompilerServices.RequiredMemberAttribute>() is not null)
                .Select(property => property.Name);
        return given.Concat(required).Select(JsonNamingPolicy.CamelCase.ConvertName);
    }

    private static IEnumerable<string> Members(string json) =>
        System.Text.RegularExpressions.Regex.Matches(json, "\"[A-Za-z0-9]+\": ").Select(match => match.Value).Distinct();

    private static JsonObject Json(IDocument document) =>
        JsonSerializer.SerializeToNode((object)document, DocumentJson.Options)!.AsObject();

    private string Save(JsonObject json)
    {
        string path = Path.Combine(_folder, "document.json");
        File.WriteAllText(path, json.ToJsonString());
        return path;
    }

    private FoveaException Refused(Type type, JsonObject json)
    {
        string path = Save(json);
        FoveaException error = Assert.Throws<FoveaException>(() => Read(type, path));
        Assert.Equal(FailureKind.Data, error.Kind);
        return error;
    }

    private static void ReadOrRefuse(Type type, string path)
    {
        try { Read(type, path); }
        catch (FoveaException e) { Assert.Equal(FailureKind.Data, e.Kind); }
    }

    private string Write(IDocument document, string name = "written")
    {
        string path = Path.Combine(_folder, name + ".json");
        Call(nameof(DocumentFile.Write), document.GetType(), path, document);
        return path;
    }

    private static IDocument Read(Type type, string path) => (IDocument)Call(nameof(DocumentFile.Read), type, path)!;

    private static object? Call(string method, Type type, params object[] arguments)
    {
        try
        {
            return typeof(DocumentFile).GetMethod(method)!.MakeGenericMethod(type).Invoke(null, arguments);
        }
        catch (TargetInvocationException e)
        {
            System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(e.InnerException!);
            throw;
        }
    }
}
