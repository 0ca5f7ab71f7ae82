using System.Reflection;

namespace Fovea.Site.Api;

/// <summary>What is asked of a generic type's arguments.</summary>
internal static class Constraints
{
    /// <summary>The <c>where</c> lines of some arguments; empty: nothing is asked.</summary>
    /// <param name="arguments">The arguments.</param>
    /// <param name="names">Writes the types.</param>
    public static string Of(Type[] arguments, TypeNames names) => string.Concat(arguments.Where(one => one.IsGenericParameter).Select(one => Line(one, names)));

    private static string Line(Type argument, TypeNames names)
    {
        GenericParameterAttributes asked = argument.GenericParameterAttributes;
        bool isStruct = asked.HasFlag(GenericParameterAttributes.NotNullableValueTypeConstraint);
        List<string> wanted = [];
        if (isStruct) wanted.Add("<span class=\"k\">struct</span>");
        else if (asked.HasFlag(GenericParameterAttributes.ReferenceTypeConstraint)) wanted.Add("<span class=\"k\">class</span>");
        wanted.AddRange(argument.GetGenericParameterConstraints().Where(one => one != typeof(ValueType)).Select(names.Html));
        if (!isStruct && asked.HasFlag(GenericParameterAttributes.DefaultConstructorConstraint)) wanted.Add("<span class=\"k\">new</span>()");
        return wanted.Count == 0 ? "" : $"\n    <span class=\"k\">where</span> {argument.Name} : {string.Join(", ", wanted)}";
    }
}
