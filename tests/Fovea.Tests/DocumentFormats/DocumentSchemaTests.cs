using System.Collections;
using System.Reflection;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Fovea.Tests.Shared;
using Xunit;

namespace Fovea.Tests.DocumentFormats;

/// <summary>The members of every document and table as an approved text: a change of a format is seen, and meant.</summary>
public sealed class DocumentSchemaTests
{
    private static readonly NullabilityInfoContext Nullability = new();

    [Fact]
    public void Documents_and_tables_have_the_approved_members()
    {
        string text = Describe(), approved = Path.Combine(
            Checkout.Root, "tests", "Fovea.Tests", "DocumentFormats", "Approved", "documents.txt");
        if (Environment.GetEnvironmentVariable("FOVEA_UPDATE_DOCS") == "1") File.WriteAllText(approved, text);
        Assert.True(File.ReadAllText(approved).ReplaceLineEndings("\n") == text,
            "Members of documents have changed. Raise the schema number where an old reader would misread, then run this test with "
                + "FOVEA_UPDATE_DOCS=1.");
    }

    [Fact]
    public void The_reference_names_every_document()
    {
        string page = File.ReadAllText(Path.Combine(Checkout.Root, "docs", "reference", "run-folder.md"));
        foreach (Type type in SampleDocuments.Types)
            Assert.True(page.Contains($"`{type.Name}`", StringComparison.Ordinal),
                $"docs/reference/run-folder.md does not name {type.Name}.");
    }

    private static string Describe()
    {
        var text = new StringBuilder();
        var open = new Queue<Type>(SampleDocuments.Types.Concat([typeof(FeatureRow), typeof(ExampleRow), typeof(EffectRow)]));
        var seen = open.ToHashSet();
        while (open.TryDequeue(out Type? type))
        {
            string schema = type.IsAssignableTo(typeof(IDocument))
                ? $" schema {type.GetProperty(nameof(IDocument.CurrentSchema))!.GetValue(null)}" : "";
            text.Append(type.Name).Append(schema).Append('\n');
            foreach (PropertyInfo property in type.GetProperties()
                .Where(one => one.GetMethod is { IsStatic: false } && one.Name != "EqualityContract"
                && one.GetCustomAttribute<JsonIgnoreAttribute>() is not { Condition: JsonIgnoreCondition.Always }))
            {
                string name = property.GetCustomAttribute<JsonPropertyNameAttribute>()?.Name
                    ?? JsonNamingPolicy.CamelCase.ConvertName(property.Name);
                text.Append("  ").Append(name).Append(": ").Append(Name(property.PropertyType, Nullability.Create(property))).Append('\n');
                foreach (Type part in Parts(property.PropertyType)
                    .Where(part => part.Assembly == typeof(IDocument).Assembly && !part.IsEnum && seen.Add(part))) open.Enqueue(part);
            }
        }
        return text.ToString();
    }

    private static string Name(Type type, NullabilityInfo info)
    {
        string mark = info.ReadState == NullabilityState.Nullable ? "?" : "";
        if (Nullable.GetUnderlyingType(type) is { } inner) return inner.Name + "?";
        if (type.IsArray) return $"[{Name(type.GetElementType()!, info.ElementType!)}]{mark}";
        if (type == typeof(string) || !type.IsAssignableTo(typeof(IEnumerable)) || !type.IsGenericType)
            return (type.IsEnum ? string.Join('|', Enum.GetNames(type)) : type.Name) + mark;
        NullabilityInfo last = info.GenericTypeArguments[^1];
        string value = Name(last.Type, last);
        return (type.GetGenericArguments().Length == 2 ? $"{{{value}}}" : $"[{value}]") + mark;
    }

    private static IEnumerable<Type> Parts(Type type) => type.HasElementType ? Parts(type.GetElementType()!)
        : type.IsGenericType ? type.GetGenericArguments().SelectMany(Parts) : [type];
}
