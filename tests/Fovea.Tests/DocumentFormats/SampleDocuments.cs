using System.Collections;
using System.Reflection;
using System.Text.Json.Nodes;

namespace Fovea.Tests.DocumentFormats;

/// <summary>
/// A document of every type, each member filled, made from the type itself: a new member takes part in the tests without being named in
/// them.
/// </summary>
internal static class SampleDocuments
{
    /// <summary>All types of documents.</summary>
    public static IReadOnlyList<Type> Types { get; } =
        [.. typeof(IDocument).Assembly.GetTypes()
            .Where(type => type.IsAssignableTo(typeof(IDocument)) && type is { IsAbstract: false, IsInterface: false }
                && type.BaseType == typeof(object)).OrderBy(type => type.Name, StringComparer.Ordinal)];

    /// <summary>A filled document that its own check finds right.</summary>
    public static IDocument Of(Type type)
    {
        var document = (IDocument)Value(type, type.Name)!;
        return document switch
        {
            ActivationManifest manifest => manifest with
            {
                Grid = [2, 3],
                Layout = new LayerGrid(LayerGrid.Tokens, 2, 3, 1),
                Images = 4,
                Vectors = 24,
                Kept = new StoredPositions(6, manifest.Filters[0]),
                Shards = [new("vectors-00000.safetensors", 0, 12), new("vectors-00001.safetensors", 12, 12)]
            },
            FilterReport report => report with
            {
                Compared = ["a", "b"],
                Cosine = [[1, double.NaN], [0.5, 1]],
                Spearman = [[1, 0], [0, 1]],
                PairImages = [[1, 2], [2, 1]]
            },
            ModelDocument model => model with
            {
                Preprocessing = new PreprocessingSettings(null, 64, [0.5f, 0.4f, 0.3f], [0.2f, 0.2f, 0.2f]),
                Classes = [new("a", "first"), new("b", "second")]
            },
            FiringDocument firing => firing with { Grid = 1, Units = [.. firing.Units.Select(unit => unit with { Patches = [[0.5f]] })] },
            CircuitDocument circuit => circuit with { Edges = [.. circuit.Edges.Select(edge => edge with { From = 0, To = 1 })] },
            NotesDocument notes => new NotesDocument([notes.Notes[0], notes.Notes[0] with { Unit = 4 }]),
            ColoursDocument => new ColoursDocument([0.1, 0.2, 0.3], [[1, 0, 0], [0, 1, 0], [0, 0, 1]]),
            SweepDocument sweep => sweep with
            {
                Folds = 1,
                Validate = ["none"],
                Points = [.. sweep.Points.Select(
                    point => point with { Measures = new Dictionary<string, IReadOnlyList<DictionaryScores>> { ["none"] = [.. point.Measures.Values.First().Take(1)] } })]
            },
            _ => document,
        };
    }

    private static object? Value(Type type, string name)
    {
        if (Nullable.GetUnderlyingType(type) is { } inner) return Value(inner, name);
        if (type == typeof(string)) return name.ToLowerInvariant();
        if (type == typeof(bool)) return true;
        if (type == typeof(int)) return 3;
        if (type == typeof(long)) return 5L;
        if (type == typeof(ulong)) return 7UL;
        if (type == typeof(double)) return 0.1 + name.Length;
        if (type == typeof(float)) return 0.5f;
        if (type == typeof(DateTime)) return new DateTime(2026, 1, 2, 3, 4, 5, DateTimeKind.Utc);
        if (type.IsEnum) return Enum.GetValues(type).GetValue(1);
        if (type == typeof(JsonNode) || type == typeof(JsonObject)) return new JsonObject { ["setting"] = 1 };
        if (type.IsArray) return Filled(type.GetElementType()!, name);
        if (type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IReadOnlyDictionary<,>))
            return Map(type.GetGenericArguments()[1], name);
        if (type.IsAssignableTo(typeof(IEnumerable))) return Filled(type.GetGenericArguments()[0], name);
        return Record(type);
    }

    private static Array Filled(Type element, string name)
    {
        var array = Array.CreateInstance(element, 2);
        for (int i = 0; i < 2; i++) array.SetValue(Value(element, name), i);
        return array;
    }

    private static object Map(Type value, string name)
    {
        var map = (IDictionary)Activator.CreateInstance(typeof(Dictionary<,>).MakeGenericType(typeof(string), value))!;
        map["one"] = Value(value, name);
        return map;
    }

    private static object Record(Type type)
    {
        ConstructorInfo constructor = type.GetConstructors().OrderByDescending(one => one.GetParameters().Length).First();
        object made = constructor.Invoke(
            [.. constructor.GetParameters().Select(parameter => Value(parameter.ParameterType, parameter.Name!))]);
        string[] given = [.. constructor.GetParameters().Select(parameter => parameter.Name!)];
        foreach (PropertyInfo property in type.GetProperties()
            .Where(property => property.CanWrite && property.Name != nameof(IDocument.Schema) && !given.Contains(property.Name)))
            property.SetValue(made, Value(property.PropertyType, property.Name));
        return made;
    }
}
