using System.Reflection;
using System.Runtime.CompilerServices;

namespace Fovea.Site.Api;

/// <summary>Types as C# writes them, each with a link to its page: <c>IReadOnlyList&lt;string&gt;?</c>, <c>(int Image, int Place)</c>.</summary>
/// <param name="page">The page that they stand on.</param>
/// <param name="catalogue">Knows which types have pages.</param>
internal sealed class TypeNames(string page, ApiCatalogue catalogue)
{
    private static readonly Dictionary<Type, string> Words = new()
    {
        [typeof(void)] = "void",
        [typeof(object)] = "object",
        [typeof(string)] = "string",
        [typeof(bool)] = "bool",
        [typeof(char)] = "char",
        [typeof(byte)] = "byte",
        [typeof(sbyte)] = "sbyte",
        [typeof(short)] = "short",
        [typeof(ushort)] = "ushort",
        [typeof(int)] = "int",
        [typeof(uint)] = "uint",
        [typeof(long)] = "long",
        [typeof(ulong)] = "ulong",
        [typeof(float)] = "float",
        [typeof(double)] = "double",
        [typeof(decimal)] = "decimal",
        [typeof(nint)] = "nint",
        [typeof(nuint)] = "nuint",
    };

    /// <summary>A type where nothing is known of null.</summary>
    /// <param name="type">The type.</param>
    public string Html(Type type) => Write(type, null, new Queue<string?>());

    /// <summary>The type of a member, parameter or answer.</summary>
    /// <param name="type">The type.</param>
    /// <param name="nullability">Where it may be null.</param>
    /// <param name="holder">What carries the names of a tuple's parts.</param>
    public string Html(Type type, NullabilityInfo nullability, ICustomAttributeProvider holder)
    {
        object[] names = holder.GetCustomAttributes(typeof(TupleElementNamesAttribute), false);
        return Write(type, nullability, new Queue<string?>(names is [TupleElementNamesAttribute tuple] ? tuple.TransformNames : []));
    }

    /// <summary>A type's own name with the names of its parameters.</summary>
    /// <param name="type">The type.</param>
    public static string Plain(Type type)
    {
        string name = (type.IsNested ? Plain(type.DeclaringType!) + "." : "") + type.Name.Split('`')[0];
        int inherited = type.DeclaringType?.GetGenericArguments().Length ?? 0;
        Type[] own = type.GetGenericArguments()[inherited..];
        return own.Length == 0 ? name : $"{name}<{string.Join(", ", own.Select(one => one.Name))}>";
    }

    private string Write(Type type, NullabilityInfo? nullability, Queue<string?> names)
    {
        if (type.IsByRef || type.IsPointer) return Write(type.GetElementType()!, nullability, names) + (type.IsPointer ? "*" : "");
        if (Nullable.GetUnderlyingType(type) is { } underlying)
            return Write(underlying, nullability?.GenericTypeArguments is [{ } only] ? only : null, names) + "?";
        string mark = !type.IsValueType && nullability?.ReadState == NullabilityState.Nullable ? "?" : "";
        if (type.IsArray)
            return Write(type.GetElementType()!, nullability?.ElementType, names) + $"[{new string(',', type.GetArrayRank() - 1)}]" + mark;
        if (type.IsGenericParameter) return type.Name + mark;
        if (Words.TryGetValue(type, out string? word)) return $"<span class=\"k\">{word}</span>{mark}";

        Type[] arguments = type.GetGenericArguments();
        if (type.Name.StartsWith("ValueTuple`", StringComparison.Ordinal))
        {
            string?[] parts = [.. arguments.Select(_ => names.TryDequeue(out string? name) ? name : null)];
            IEnumerable<string> written = arguments.Select((one, i) => Write(one, Argument(nullability, i), names) + (parts[i] is { } name ? " " + name : ""));
            return $"({string.Join(", ", written)}){mark}";
        }
        int inherited = type.DeclaringType?.GetGenericArguments().Length ?? 0;
        string text = Linked(type);
        if (arguments.Length > inherited)
            text += $"&lt;{string.Join(", ", arguments.Select((one, i) => Write(one, Argument(nullability, i), names)).Skip(inherited))}&gt;";
        return text + mark;
    }

    private static NullabilityInfo? Argument(NullabilityInfo? nullability, int i) =>
        i < nullability?.GenericTypeArguments.Length ? nullability.GenericTypeArguments[i] : null;

    private string Linked(Type type)
    {
        string name = Markup.Html.Text((type.IsNested ? type.DeclaringType!.Name.Split('`')[0] + "." : "") + type.Name.Split('`')[0]);
        return catalogue.Address(DocIds.Of(type)) is { } address && address != page ? $"<a href=\"{References.Link(page, address)}\">{name}</a>" : name;
    }
}
