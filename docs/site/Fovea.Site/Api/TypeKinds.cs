using System.Reflection;
using System.Runtime.CompilerServices;

namespace Fovea.Site.Api;

/// <summary>What a type is, in C#'s words.</summary>
internal static class TypeKinds
{
    private const BindingFlags Own = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.DeclaredOnly;

    /// <summary>Its kind: class, record, struct, interface, enum, delegate.</summary>
    /// <param name="type">The type.</param>
    public static string Of(Type type) => type switch
    {
        { IsEnum: true } => "enum",
        { IsInterface: true } => "interface",
        { IsValueType: true } => type.GetMethod("PrintMembers", Own) is null ? "struct" : "record struct",
        _ when typeof(Delegate).IsAssignableFrom(type) => "delegate",
        _ => type.GetMethod("<Clone>$", Own) is null ? "class" : "record",
    };

    /// <summary>Its declaration.</summary>
    /// <param name="type">The type.</param>
    /// <param name="names">Writes types with links.</param>
    /// <param name="signatures">Writes a delegate's answer and parameters.</param>
    public static string Declaration(Type type, TypeNames names, Signatures signatures)
    {
        string kind = Of(type);
        if (kind == "delegate") return signatures.Method(type.GetMethod("Invoke")!, TypeNames.Plain(type), "public delegate");
        string modifiers = kind switch
        {
            "class" or "record" => type is { IsAbstract: true, IsSealed: true } ? "static " : type.IsAbstract ? "abstract " : type.IsSealed ? "sealed " : "",
            "struct" or "record struct" => (type.IsDefined(typeof(IsReadOnlyAttribute)) ? "readonly " : "") + (type.IsByRefLike ? "ref " : ""),
            _ => "",
        };
        string[] parents = [.. Parents(type).Select(names.Html)];
        string list = parents.Length > 0 ? " : " + string.Join(", ", parents) : "";
        return $"<span class=\"k\">public {modifiers}{kind}</span> {Markup.Html.Text(TypeNames.Plain(type))}{list}"
            + Constraints.Of(type.GetGenericArguments(), names);
    }

    // What a parent or another interface brings is not said again, nor what every record and enum has.
    private static IEnumerable<Type> Parents(Type type)
    {
        if (type.IsEnum) yield break;
        if (type.BaseType is { } parent && parent != typeof(object) && parent != typeof(ValueType)) yield return parent;
        Type[] all = type.GetInterfaces();
        foreach (Type contract in all)
        {
            bool brought = type.BaseType?.GetInterfaces().Contains(contract) == true || all.Any(other => other.GetInterfaces().Contains(contract));
            bool equality = contract.IsGenericType && contract.GetGenericTypeDefinition() == typeof(IEquatable<>);
            if (!brought && !equality && contract.IsVisible) yield return contract;
        }
    }
}
